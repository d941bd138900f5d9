// SPDX-License-Identifier: MulanPSL-2.0
// What looks like installed Ascend toolkits, below a directory of the test's
// own, and an environment that names none of them.
#ifndef GMEM_TESTS_ASCEND_TOOLKIT_H
#define GMEM_TESTS_ASCEND_TOOLKIT_H

#include <stdlib.h>

#include <filesystem>
#include <stdexcept>
#include <string>

#include "support/temporary_tree.h"

namespace ascend {

#if defined(__aarch64__)
inline constexpr char kLibrariesOfThisCpu[] = "aarch64-linux/lib64";
#else
inline constexpr char kLibrariesOfThisCpu[] = "x86_64-linux/lib64";
#endif

class Toolkits {
 public:
  Toolkits() {
    unsetenv("ASCEND_HOME_PATH");
    unsetenv("ASCEND_TOOLKIT_HOME");
    setenv("HOME", path("home").c_str(), 1);
  }
  std::string path(const std::string& below) const {
    return tree_.root() + "/" + below;
  }

  // A copy of that variant of the runtime's double; returns its path.
  std::string install(const std::string& directory, const char* variant,
                      const std::string& name = "libascendcl.so") const {
    const char* const build = getenv("GMEM_BUILDDIR");
    if (build == nullptr) throw std::runtime_error("GMEM_BUILDDIR is not set");
    const std::string file = tree_.directory(directory) + "/" + name;
    std::filesystem::copy_file(std::string(build) + "/tests/doubles/ascendcl/" +
                                   variant + "/.libs/" + name,
                               file);
    return file;
  }

  // A file of that name that is no library.
  std::string install_text(const std::string& directory) const {
    return tree_.file(directory + "/libascendcl.so", "This is no library.\n");
  }

 private:
  const TemporaryTree tree_;
};

// Of this machine's own: then it cannot be tested what becomes without one.
inline bool machine_has_a_runtime() {
  return std::filesystem::exists("/usr/local/Ascend");
}

}  // namespace ascend

#endif  // GMEM_TESTS_ASCEND_TOOLKIT_H
