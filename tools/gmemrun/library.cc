// SPDX-License-Identifier: MulanPSL-2.0
#include "library.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

namespace gmemrun {
namespace {

constexpr char kInstalled[] = GMEM_LIBDIR "/libgmem.so.0";
constexpr char kInBuildTree[] = "/.libs/libgmem.so.0";

std::string directory_of_this_tool() {
  char path[PATH_MAX];
  const ssize_t length = readlink("/proc/self/exe", path, sizeof path);
  if (length <= 0) return {};
  const std::string tool(path, static_cast<std::size_t>(length));
  return tool.substr(0, tool.rfind('/'));
}

std::string candidate() {
  if (const char* asked = getenv("GMEM_LIBRARY"); asked && *asked) return asked;
  std::string built = directory_of_this_tool() + kInBuildTree;
  return access(built.c_str(), R_OK) == 0 ? built : kInstalled;
}

}  // namespace

std::string find_library() {
  std::string library = candidate();
  // ld.so splits LD_PRELOAD at both, and has no way to quote them.
  if (library.find_first_of(" :") != std::string::npos) {
    fprintf(stderr,
            "gmemrun: %s: LD_PRELOAD cannot name a path with a space or a "
            "colon in it\n",
            library.c_str());
    return {};
  }
  if (access(library.c_str(), R_OK) != 0) {
    fprintf(stderr, "gmemrun: %s: %m (GMEM_LIBRARY may name another)\n",
            library.c_str());
    return {};
  }
  return library;
}

void preload(const std::string& library) {
  std::string list = library;
  if (const char* others = getenv("LD_PRELOAD"); others && *others)
    list = list + ":" + others;
  setenv("LD_PRELOAD", list.c_str(), 1);
}

}  // namespace gmemrun
