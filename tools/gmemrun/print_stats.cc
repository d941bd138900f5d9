// SPDX-License-Identifier: MulanPSL-2.0
#include "print_stats.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include <algorithm>

namespace gmemrun {
namespace {

// A build or a test suite starts thousands; the small ones say little.
constexpr std::size_t kProcessesShown = 10;

double mib(std::uint64_t bytes) {
  return static_cast<double>(bytes) / (1 << 20);
}

double seconds(const timeval& t) {
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
}

void print_calls(const char* label, const ProcessReport& report,
                 const char* calls, const char* bytes, const char* errors) {
  fprintf(stderr, "  %-18s %12.1f MiB in %llu calls, %llu errors\n", label,
          mib(report.figure(bytes)),
          static_cast<unsigned long long>(report.figure(calls)),
          static_cast<unsigned long long>(report.figure(errors)));
}

void print_size(const char* label, const ProcessReport& report,
                const char* key) {
  if (report.figures.count(key) == 0) return;
  fprintf(stderr, "  %-18s %12.1f MiB\n", label, mib(report.figure(key)));
}

void print_nodes(const ProcessReport& report) {
  const std::string prefix = "heap_on_node";
  for (const auto& [key, bytes] : report.figures)
    if (key.compare(0, prefix.size(), prefix) == 0)
      fprintf(stderr, "    on node %-8s %12.1f MiB\n",
              key.c_str() + prefix.size(), mib(bytes));
}

void print_process(const ProcessReport& report) {
  fprintf(stderr, "libgmem in process %d, %s:\n", report.pid,
          report.command.c_str());
  print_calls("prefetched", report, "prefetch_calls", "prefetch_bytes",
              "prefetch_errors");
  print_calls("freed eagerly", report, "discard_calls", "discard_bytes",
              "discard_errors");
  fprintf(stderr, "  %-18s %12llu calls of these\n", "queued on streams",
          static_cast<unsigned long long>(report.figure("queued_tasks")));
  print_size("heap, in use", report, "heap_allocated");
  print_size("heap, resident", report, "heap_resident");
  print_nodes(report);
  print_size("heap, mapped", report, "heap_mapped");
  print_size("heap, metadata", report, "heap_metadata");
  print_size("heap, given back", report, "heap_returned");
}

// Only of the command itself is it known that there was such a process.
void print_if_command_is_silent(const std::vector<ProcessReport>& reports,
                                const Outcome& outcome) {
  const auto is_command = [&](const ProcessReport& report) {
    return report.pid == outcome.pid;
  };
  if (std::any_of(reports.begin(), reports.end(), is_command)) return;

  fprintf(stderr, "libgmem in process %d: no report: ", outcome.pid);
  if (WIFSIGNALED(outcome.wait_status))
    fprintf(stderr, "ended by signal %d (%s)\n", WTERMSIG(outcome.wait_status),
            strsignal(WTERMSIG(outcome.wait_status)));
  else
    fprintf(stderr,
            "the program is linked statically, is set-user-ID, or leaves by "
            "_exit\n");
}

}  // namespace

void print_outcome(const char* command, const Outcome& outcome) {
  const rusage& usage = outcome.usage;
  fprintf(stderr,
          "gmemrun: %s\n"
          "  %-18s %12.3f s\n"
          "  %-18s %12.3f s\n"
          "  %-18s %12.3f s\n"
          "  %-18s %12ld, %ld of them read from disk\n"
          "  %-18s %12.1f MiB\n",
          command, "wall time", outcome.wall_seconds, "user time",
          seconds(usage.ru_utime), "system time", seconds(usage.ru_stime),
          "page faults", usage.ru_minflt + usage.ru_majflt, usage.ru_majflt,
          "peak resident", static_cast<double>(usage.ru_maxrss) / 1024);
}

void print_reports(std::vector<ProcessReport> reports, const Outcome& outcome) {
  std::stable_sort(reports.begin(), reports.end(),
                   [](const ProcessReport& a, const ProcessReport& b) {
                     return a.figure("heap_mapped") > b.figure("heap_mapped");
                   });
  const std::size_t shown = std::min(reports.size(), kProcessesShown);
  for (std::size_t i = 0; i < shown; ++i) print_process(reports[i]);
  if (shown < reports.size())
    fprintf(stderr,
            "%zu more processes reported; the largest of them mapped %.1f "
            "MiB\n",
            reports.size() - shown, mib(reports[shown].figure("heap_mapped")));
  print_if_command_is_silent(reports, outcome);
}

}  // namespace gmemrun
