// SPDX-License-Identifier: MulanPSL-2.0
#include "conf_environment.h"

#include <stdlib.h>

namespace gmemrun {

void add_to_conf(const std::string& item) {
  std::string conf = item;
  if (const char* own = getenv("GMEM_CONF"); own && *own)
    conf = own + ("," + item);
  setenv("GMEM_CONF", conf.c_str(), 1);
}

}  // namespace gmemrun
