// SPDX-License-Identifier: MulanPSL-2.0
// What looks like installed Ascend toolkits, below a directory of the test's
// own, and an environment that names none of them.
#ifndef GMEM_TESTS_ASCEND_TOOLKIT_H
#define GMEM_TESTS_ASCEND_TOOLKIT_H

#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace ascend {

#if defined(__aarch64__)
inline constexpr char kLibrariesOfThisCpu[] = "aarch64-linux/lib64";
#else
inline constexpr char kLibrariesOfThisCpu[] = "x86_64-linux/lib64";
#endif

class Toolkits {
 public:
  Toolkits() {
    char name[] = "/tmp/gmem-toolkits-XXXXXX";
    if (mkdtemp(name) == nullptr) throw std::runtime_error("no directory");
    root_ = name;
    unsetenv("ASCEND_HOME_PATH");
    unsetenv("ASCEND_TOOLKIT_HOME");
    setenv("HOME", path("home").c_str(), 1);
  }
  ~Toolkits() {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }
  Toolkits(const Toolkits&) = delete;
  Toolkits& operator=(const Toolkits&) = delete;

  std::string path(const std::string& below) const {
    return root_ + "/" + below;
  }

  // A copy of that variant of the runtime's double; returns its path.
  std::string install(const std::string& directory, const char* variant,
                      const std::string& name = "libascendcl.so") const {
    const char* const build = getenv("GMEM_BUILDDIR");
    if (build == nullptr) throw std::runtime_error("GMEM_BUILDDIR is not set");
    std::filesystem::create_directories(path(directory));
    const std::string file = path(directory) + "/" + name;
    std::filesystem::copy_file(std::string(build) +
                                   "/tests/doubles/ascendcl/" + variant +
                                   "/.libs/" + name,
                               file);
    return file;
  }

  // A file of that name that is no library.
  std::string install_text(const std::string& directory) const {
    std::filesystem::create_directories(path(directory));
    const std::string file = path(directory) + "/libascendcl.so";
    std::ofstream(file) << "This is no library.\n";
    return file;
  }

 private:
  std::string root_;
};

// Of this machine's own: then it cannot be tested what becomes without one.
inline bool machine_has_a_runtime() {
  return std::filesystem::exists("/usr/local/Ascend");
}

}  // namespace ascend

#endif  // GMEM_TESTS_ASCEND_TOOLKIT_H
