// SPDX-License-Identifier: MulanPSL-2.0
// Runs a command as a child that hears the signals meant for it, and measures
// it.
#ifndef GMEM_TOOLS_GMEMRUN_MEASURED_RUN_H
#define GMEM_TOOLS_GMEMRUN_MEASURED_RUN_H

#include <sys/resource.h>
#include <sys/types.h>

namespace gmemrun {

struct Outcome {
  int start_error = 0;  // errno of fork or exec; nothing else holds then
  pid_t pid = 0;
  int wait_status = 0;
  double wall_seconds = 0;
  rusage usage = {};  // of the command and the processes it waited for
};

Outcome run_measured(char** command);

// Leaves as the command did: with its status, or by its signal.
[[noreturn]] void leave_like(const Outcome& outcome);

}  // namespace gmemrun

#endif  // GMEM_TOOLS_GMEMRUN_MEASURED_RUN_H
