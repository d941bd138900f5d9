// SPDX-License-Identifier: MulanPSL-2.0
#include "gmem_kernel.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <sstream>

#include "read_text.h"

namespace gmeminfo {
namespace {

constexpr char kBlanks[] = " \t\n";

std::string trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

// The text is the number and nothing else: no sign, no blank.
template <typename Number>
std::optional<Number> whole_number(const std::string& text) {
  Number number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || rest != end || text[0] == '-')
    return std::nullopt;
  return number;
}

bool refuses(const std::string& path) {
  return access(path.c_str(), R_OK) != 0 && errno == EACCES;
}

// The first of these files that holds a number: some were renamed.
std::optional<std::uint64_t> figure(const std::string& directory,
                                    std::initializer_list<const char*> names,
                                    bool& refused) {
  for (const char* name : names) {
    const std::string path = directory + "/" + name;
    if (const auto number = read_number(path)) return number;
    if (refuses(path)) refused = true;
  }
  return std::nullopt;
}

Hnode read_node(int id, const std::string& directory) {
  Hnode node;
  node.id = id;
  node.limit = figure(directory, {"max_memsize"}, node.refused);
  node.free_pages =
      figure(directory, {"nr_freepages", "nr_freelist"}, node.refused);
  node.active_pages =
      figure(directory, {"nr_activepages", "nr_activelist"}, node.refused);
  return node;
}

// Only an attempt tells a file with a driver behind it from one without.
int try_device_file(const std::string& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0) return errno;
  close(fd);
  return 0;
}

}  // namespace

Migrating parse_gmemstat(const std::string& text) {
  Migrating migrating;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    const std::string key = trimmed(line.substr(0, colon));
    const auto count =
        whole_number<std::uint64_t>(trimmed(line.substr(colon + 1)));
    if (key == "migrating")
      migrating.both_ways = count;
    else if (key == "migrating H2D")
      migrating.to_device = count;
    else if (key == "migrating D2H")
      migrating.to_host = count;
  }
  return migrating;
}

// As the kernel reads its command line: the last one counts, quotes hold
// blanks together, and what follows "--" is for the init process.
std::optional<std::string> parse_boot_parameter(const std::string& cmdline) {
  constexpr char kKey[] = "gmem=";
  std::optional<std::string> value;
  std::string word;
  bool quoted = false;
  for (const char c : cmdline + " ") {
    if (c == '"') {
      quoted = !quoted;
    } else if (quoted || !strchr(kBlanks, c)) {
      word += c;
    } else {
      if (word == "--") break;
      if (word.compare(0, strlen(kKey), kKey) == 0)
        value = word.substr(strlen(kKey));
      word.clear();
    }
  }
  return value;
}

std::vector<Hnode> find_hnodes(const std::string& directory) {
  constexpr char kPrefix[] = "hnode";
  std::vector<Hnode> nodes;
  DIR* const entries = opendir(directory.c_str());
  if (!entries) return nodes;
  while (const dirent* entry = readdir(entries)) {
    const std::string name = entry->d_name;
    if (name.compare(0, strlen(kPrefix), kPrefix) != 0) continue;
    const auto id = whole_number<int>(name.substr(strlen(kPrefix)));
    if (id) nodes.push_back(read_node(*id, directory + "/" + name));
  }
  closedir(entries);
  std::sort(nodes.begin(), nodes.end(),
            [](const Hnode& a, const Hnode& b) { return a.id < b.id; });
  return nodes;
}

bool GmemKernel::found() const {
  return device_file() != "not there" || boot_parameter || migrating.known() ||
         has_directory;
}

std::string GmemKernel::device_file() const {
  switch (device_file_error) {
    case 0:
      return "there";
    case EACCES:
    case EPERM:  // a container's list of devices
      return "no right to open it";
    case ENXIO:
    case ENODEV:
      return "no driver behind it";
    case ENOENT:
    case ENOTDIR:
      return "not there";
    default:
      return strerror(device_file_error);
  }
}

GmemKernel find_gmem_kernel(const std::string& root) {
  GmemKernel kernel;
  kernel.device_file_error = try_device_file(root + "/dev/gmem");
  kernel.boot_parameter =
      parse_boot_parameter(read_text(root + "/proc/cmdline").value_or(""));
  kernel.migrating =
      parse_gmemstat(read_text(root + "/proc/gmemstat").value_or(""));
  const std::string directory = root + "/sys/kernel/mm/gmem";
  kernel.has_directory = access(directory.c_str(), F_OK) == 0;
  kernel.nodes = find_hnodes(directory);
  return kernel;
}

}  // namespace gmeminfo
