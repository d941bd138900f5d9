// SPDX-License-Identifier: MulanPSL-2.0
// gmemrun: runs a command, unchanged, on libgmem's heap.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf_environment.h"
#include "library.h"
#include "measured_run.h"
#include "options.h"
#include "print_stats.h"
#include "process_report.h"

namespace gmemrun {
namespace {

[[noreturn]] void leave_not_started(const char* command, int error) {
  fprintf(stderr, "gmemrun: %s: %s\n", command, strerror(error));
  exit(error == ENOENT ? kExitNotFound : kExitCannotRun);
}

Outcome run_with_reports(const Options& options) {
  const ReportFile file;
  if (!file.exists()) {
    fprintf(stderr, "gmemrun: no temporary directory: %m\n");
    exit(kExitTrouble);
  }
  file.ask_for_reports();

  const Outcome outcome = run_measured(options.command);
  if (outcome.start_error == 0) {
    print_outcome(options.command[0], outcome);
    print_reports(read_reports(file.path()), outcome);
  }
  return outcome;
}

Outcome run_plain(const Options& options) {
  const Outcome outcome = run_measured(options.command);
  if (outcome.start_error == 0) print_outcome(options.command[0], outcome);
  return outcome;
}

}  // namespace
}  // namespace gmemrun

int main(int argc, char** argv) {
  using namespace gmemrun;
  const Options options = parse_options(argc, argv);
  if (!options.plain) {
    const std::string library = find_library();
    if (library.empty()) return kExitTrouble;
    preload(library);
    if (options.node != kNoNode)
      add_to_conf("heap_node:" + std::to_string(options.node));
  }

  if (options.stats) {
    const Outcome outcome =
        options.plain ? run_plain(options) : run_with_reports(options);
    if (outcome.start_error == 0) leave_like(outcome);
    leave_not_started(options.command[0], outcome.start_error);
  }
  execvp(options.command[0], options.command);
  leave_not_started(options.command[0], errno);
}
