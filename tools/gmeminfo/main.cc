// SPDX-License-Identifier: MulanPSL-2.0
// gmeminfo: which device serves libgmem's calls here, and what it can do.
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "config.h"
#include "findings.h"
#include "written.h"

namespace {

enum ExitStatus {
  kDeviceInUse = 0,
  kNoDevice = 1,
  kUsage = 2,
  kCannotWrite = 3
};

constexpr char kHelp[] =
    "usage: gmeminfo [--json]\n"
    "Shows libgmem's devices, the nodes of memory, the settings and kernel\n"
    "features that decide what libgmem can do in a process started here, and\n"
    "the counters and nodes of a kernel with GMEM.\n"
    "\n"
    "  --json     print the same as one JSON object\n"
    "  --help     print this\n"
    "  --version  print the version\n"
    "\n"
    "Exit status: 0 where a device serves the calls, 1 where none does, 2 for\n"
    "a command line that is not understood, 3 where it cannot be printed.\n";

[[noreturn]] void refuse() {
  fputs("gmeminfo --help says more\n", stderr);
  exit(kUsage);
}

[[noreturn]] void leave(int status) {
  exit(tools::is_written("gmeminfo") ? status : kCannotWrite);
}

bool wants_json(int argc, char** argv) {
  enum { kJson = 256, kHelpAsked, kVersion };
  static const option kLong[] = {
      {"json", no_argument, nullptr, kJson},
      {"help", no_argument, nullptr, kHelpAsked},
      {"version", no_argument, nullptr, kVersion},
      {nullptr, 0, nullptr, 0},
  };
  bool json = false;
  for (int c; (c = getopt_long(argc, argv, "", kLong, nullptr)) != -1;) {
    switch (c) {
      case kJson:
        json = true;
        break;
      case kHelpAsked:
        fputs(kHelp, stdout);
        leave(EXIT_SUCCESS);
      case kVersion:
        puts("gmeminfo " PACKAGE_VERSION);
        leave(EXIT_SUCCESS);
      default:
        refuse();
    }
  }
  if (optind < argc) {
    fprintf(stderr, "gmeminfo: %s: takes no argument\n", argv[optind]);
    refuse();
  }
  return json;
}

}  // namespace

int main(int argc, char** argv) {
  const bool json = wants_json(argc, argv);
  const gmeminfo::Findings findings = gmeminfo::find_all();
  json ? gmeminfo::print_json(findings) : gmeminfo::print_text(findings);
  leave(findings.device_in_use() ? kDeviceInUse : kNoDevice);
}
