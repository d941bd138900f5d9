// SPDX-License-Identifier: MulanPSL-2.0
// What libgmem says at the exit of each process: a line of key=value pairs in
// the file that conf "stats:FILE" names.
#ifndef GMEM_TOOLS_GMEMRUN_PROCESS_REPORT_H
#define GMEM_TOOLS_GMEMRUN_PROCESS_REPORT_H

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "when_gone.h"

namespace gmemrun {

struct ProcessReport {
  pid_t pid = 0;
  std::string command;
  std::map<std::string, std::uint64_t> figures;

  // 0 where the library did not say.
  std::uint64_t figure(const char* key) const;
};

// What is no such line, or no such pair, is passed over.
std::vector<ProcessReport> read_reports(const std::string& path);

// A place of this run's own for the reports.  It is a directory, so that a
// process which outlives the run finds none and makes no file anew.
class ReportFile {
 public:
  ReportFile();
  ReportFile(const ReportFile&) = delete;
  ReportFile& operator=(const ReportFile&) = delete;

  bool exists() const { return !path_.empty(); }
  const std::string& path() const { return path_; }

  // Has the library report here in all processes started from now on.
  void ask_for_reports() const;

 private:
  std::string path_;
  std::optional<RemovedWhenGone> removed_;
};

}  // namespace gmemrun

#endif  // GMEM_TOOLS_GMEMRUN_PROCESS_REPORT_H
