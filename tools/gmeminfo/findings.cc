// SPDX-License-Identifier: MulanPSL-2.0
#include "findings.h"

#include <gmem_jemalloc.h>

#include "config.h"
#include "core/page_range.h"

namespace gmeminfo {
namespace {

std::vector<std::string> warnings_about(const Settings& settings) {
  std::vector<std::string> warnings;
  if (settings.numa_balancing.value_or(0) != 0)
    warnings.push_back(
        "NUMA balancing is on: the kernel may pull prefetched pages back to "
        "the node that reads them");
  if (!settings.huge_pages || *settings.huge_pages == "never")
    warnings.push_back(
        "transparent huge pages are off: prefetch and the heap get 4 KiB "
        "pages");
  if (settings.huge_page_size && *settings.huge_page_size != gmem::kPageSize)
    warnings.push_back(
        "the kernel's huge pages are not of 2 MiB, so the heap's chunks do "
        "not become one each");
  if (settings.overcommit == 2u)
    warnings.push_back(
        "overcommit is off: what the heap maps counts against the limit "
        "before it is touched");
  return warnings;
}

}  // namespace

Findings find_all() {
  Findings findings;
  findings.libgmem_version = PACKAGE_VERSION;
  findings.jemalloc_version = std::to_string(JEMALLOC_VERSION_MAJOR) + "." +
                              std::to_string(JEMALLOC_VERSION_MINOR) + "." +
                              std::to_string(JEMALLOC_VERSION_BUGFIX);
  findings.devices = find_devices();
  findings.nodes = find_nodes();
  findings.settings = find_settings();
  findings.features = try_kernel_features();
  findings.gmem = find_gmem_kernel();
  findings.warnings = warnings_about(findings.settings);
  return findings;
}

}  // namespace gmeminfo
