// SPDX-License-Identifier: MulanPSL-2.0
#include "ascend/runtime.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ascend/static_program.h"
#include "core/fixed_text.h"
#include "core/small_file.h"

namespace gmem::ascend {
namespace {

// The older name, and the one that newer versions want used.
constexpr const char* kLibraries[] = {"libascendcl.so", "libacl_rt.so"};

#if defined(__aarch64__)
constexpr char kLibrariesOfThisCpu[] = "/aarch64-linux/lib64/";
#else
constexpr char kLibrariesOfThisCpu[] = "/x86_64-linux/lib64/";
#endif

// Where a toolkit has its libraries, below its root.
constexpr const char* kDirectories[] = {"/lib64/", kLibrariesOfThisCpu,
                                        "/runtime/lib64/"};

// Where toolkits are, after the places that the environment names: for all
// users, then in a user's home.
constexpr const char* kRoots[] = {"/usr/local/Ascend/ascend-toolkit/latest",
                                  "/usr/local/Ascend/cann"};
constexpr const char* kRootsAtHome[] = {"/Ascend/ascend-toolkit/latest",
                                        "/Ascend/cann"};
constexpr const char* kVariables[] = {"ASCEND_HOME_PATH",
                                      "ASCEND_TOOLKIT_HOME"};

Runtime functions;
bool found = false;
FixedText<2048> report;

struct Symbol {
  const char* name;
  void* place;  // of the pointer to the function
};

const Symbol kNeeded[] = {
    {"aclrtCreateStream", &functions.create_stream},
    {"aclrtDestroyStream", &functions.destroy_stream},
    {"aclrtSynchronizeStream", &functions.synchronize_stream},
    {"aclrtGetCurrentContext", &functions.get_current_context},
    {"aclrtSetCurrentContext", &functions.set_current_context},
};
const Symbol kOptional[] = {
    {"aclrtLaunchHostFunc", &functions.launch_host_function},
    {"aclrtStreamGetId", &functions.stream_id},
    {"aclGetRecentErrMsg", &functions.recent_error},
};
const Symbol kAllOrNone[] = {
    {"aclrtLaunchCallback", &functions.launch_callback},
    {"aclrtSubscribeReport", &functions.subscribe_report},
    {"aclrtUnSubscribeReport", &functions.unsubscribe_report},
    {"aclrtProcessReport", &functions.process_report},
};

bool resolve(void* library, const Symbol& symbol) {
  void* const address = dlsym(library, symbol.name);
  memcpy(symbol.place, &address, sizeof address);
  return address != nullptr;
}

// The name of a function that is needed and missing, or null.
const char* resolve_needed(void* library) {
  for (const Symbol& symbol : kNeeded)
    if (!resolve(library, symbol)) return symbol.name;
  return nullptr;
}

void resolve_others(void* library) {
  for (const Symbol& symbol : kOptional) resolve(library, symbol);
  bool all = true;
  for (const Symbol& symbol : kAllOrNone) all &= resolve(library, symbol);
  if (!all) functions.launch_callback = nullptr;
}

// Keeps the library where it is of use.
bool take(void* library, const char* name) {
  if (const char* missing = resolve_needed(library)) {
    report.add(name).add(" lacks ").add(missing).add("; ");
    dlclose(library);
    return false;
  }
  resolve_others(library);
  report.clear();
  report.add(name);
  return true;
}

bool is_absent(const char* name, const char* error) {
  if (strchr(name, '/') != nullptr) return access(name, F_OK) != 0;
  return strncmp(error, name, strlen(name)) == 0;
}

// A library that is there and cannot be loaded is worth a word.
void report_failure(const char* name) {
  const char* const error = dlerror();
  if (error == nullptr || is_absent(name, error)) return;
  if (strncmp(error, name, strlen(name)) != 0) report.add(name).add(": ");
  report.add(error).add("; ");
}

// Found by its name, since linkers warn of static programs that refer to it.
void* open_library(const char* name, int flags) {
  using Open = decltype(&dlopen);
  const auto open = reinterpret_cast<Open>(dlsym(RTLD_DEFAULT, "dlopen"));
  return open(name, flags);
}

bool try_library(const char* name, int flags) {
  if (name[0] == '\0') return false;  // a path that was too long
  void* const library = open_library(name, RTLD_NOW | RTLD_LOCAL | flags);
  if (library != nullptr) return take(library, name);
  if (flags == 0) report_failure(name);
  return false;
}

bool try_by_name(int flags) {
  for (const char* name : kLibraries)
    if (try_library(name, flags)) return true;
  return false;
}

bool try_root(const char* root, const char* below) {
  for (const char* directory : kDirectories)
    for (const char* name : kLibraries)
      if (try_library(Path(root).add(below).add(directory).add(name).c_str(),
                      0))
        return true;
  report.add("not below ").add(root).add(below).add("; ");
  return false;
}

bool try_environment() {
  for (const char* variable : kVariables) {
    const char* root = secure_getenv(variable);
    if (root == nullptr || root[0] == '\0')
      report.add(variable).add(" is not set; ");
    else if (try_root(root, ""))
      return true;
  }
  return false;
}

bool try_usual_roots() {
  for (const char* root : kRoots)
    if (try_root(root, "")) return true;
  const char* home = secure_getenv("HOME");
  if (home == nullptr || home[0] == '\0') return false;
  for (const char* below : kRootsAtHome)
    if (try_root(home, below)) return true;
  return false;
}

void search() {
  if (is_static_program()) {
    report.add("a static program cannot load one");
    return;
  }
  found = try_by_name(RTLD_NOLOAD);
  if (found) return;
  report.add("not loaded; ");
  found = try_by_name(0);
  if (found) return;
  report.add("not in LD_LIBRARY_PATH or the loader's directories; ");
  found = try_environment() || try_usual_roots();
}

pthread_once_t searched = PTHREAD_ONCE_INIT;

}  // namespace

const Runtime* runtime() {
  pthread_once(&searched, search);
  return found ? &functions : nullptr;
}

const char* runtime_search_report() { return report.c_str(); }

}  // namespace gmem::ascend
