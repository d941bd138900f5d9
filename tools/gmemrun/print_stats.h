// SPDX-License-Identifier: MulanPSL-2.0
// gmemrun --stats: the figures for people, on standard error.
#ifndef GMEM_TOOLS_GMEMRUN_PRINT_STATS_H
#define GMEM_TOOLS_GMEMRUN_PRINT_STATS_H

#include <vector>

#include "measured_run.h"
#include "process_report.h"

namespace gmemrun {

void print_outcome(const char* command, const Outcome& outcome);

void print_reports(std::vector<ProcessReport> reports, const Outcome& outcome);

}  // namespace gmemrun

#endif  // GMEM_TOOLS_GMEMRUN_PRINT_STATS_H
