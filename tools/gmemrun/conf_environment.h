// SPDX-License-Identifier: MulanPSL-2.0
// The configuration that the command inherits.
#ifndef GMEM_TOOLS_GMEMRUN_CONF_ENVIRONMENT_H
#define GMEM_TOOLS_GMEMRUN_CONF_ENVIRONMENT_H

#include <string>

namespace gmemrun {

// Adds "key:value" to GMEM_CONF, behind what the user set: the last one counts.
void add_to_conf(const std::string& item);

}  // namespace gmemrun

#endif  // GMEM_TOOLS_GMEMRUN_CONF_ENVIRONMENT_H
