// SPDX-License-Identifier: MulanPSL-2.0
#include "process_report.h"

#include <stdlib.h>

#include <fstream>
#include <sstream>

#include "conf_environment.h"
#include "core/conf.h"

namespace gmemrun {
namespace {

void read_pair(const std::string& pair, ProcessReport& report) {
  const std::size_t equals = pair.find('=');
  if (equals == std::string::npos) return;
  const std::string key = pair.substr(0, equals);
  const std::string value = pair.substr(equals + 1);
  if (key == "command") {
    report.command = value;
    return;
  }
  char* end = nullptr;
  const unsigned long long number = strtoull(value.c_str(), &end, 10);
  if (value.empty() || *end != '\0') return;
  if (key == "pid")
    report.pid = static_cast<pid_t>(number);
  else
    report.figures[key] = number;
}

// "" where there is no room for it in conf, which a comma would end too.
std::string make_directory(const char* parent) {
  std::string name = std::string(parent) + "/gmemrun.XXXXXX";
  constexpr std::size_t kSpare = sizeof "/report";
  if (name.find(',') != std::string::npos ||
      name.size() + kSpare > sizeof gmem::Conf::stats)
    return {};
  return mkdtemp(name.data()) ? name : std::string();
}

}  // namespace

std::uint64_t ProcessReport::figure(const char* key) const {
  const auto found = figures.find(key);
  return found == figures.end() ? 0 : found->second;
}

std::vector<ProcessReport> read_reports(const std::string& path) {
  std::vector<ProcessReport> reports;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    ProcessReport report;
    std::istringstream pairs(line);
    for (std::string pair; pairs >> pair;) read_pair(pair, report);
    if (report.pid != 0) reports.push_back(report);
  }
  return reports;
}

ReportFile::ReportFile() {
  const char* asked = getenv("TMPDIR");
  std::string directory;
  if (asked && asked[0] == '/') directory = make_directory(asked);
  if (directory.empty()) directory = make_directory("/tmp");
  if (directory.empty()) return;
  path_ = directory + "/report";
  removed_.emplace(directory, path_);
}

void ReportFile::ask_for_reports() const { add_to_conf("stats:" + path_); }

}  // namespace gmemrun
