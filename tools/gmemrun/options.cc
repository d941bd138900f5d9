// SPDX-License-Identifier: MulanPSL-2.0
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "config.h"
#include "core/devices.h"
#include "written.h"

namespace gmemrun {
namespace {

constexpr char kUsage[] =
    "usage: gmemrun [--node N] [--stats] [--plain] [--] command "
    "[argument...]\n";

constexpr char kHelp[] =
    "Runs a command, unchanged, on libgmem's heap.\n"
    "\n"
    "  --node N   keep the heap's memory on NUMA node N (gmeminfo lists them)\n"
    "  --stats    when the command has ended, say on standard error how long\n"
    "             it took, its page faults and peak resident memory, and what\n"
    "             libgmem did in each of its processes\n"
    "  --plain    leave libgmem out: the other half of a comparison\n"
    "  --help     print this\n"
    "  --version  print the version\n"
    "\n"
    "Exit status: the command's own; 125 where gmemrun fails, 126 where\n"
    "the command cannot be run, 127 where it is not found.\n"
    "\n"
    "Environment: GMEM_LIBRARY names the library to preload; GMEM_CONF is\n"
    "passed on, and --stats takes the place of a \"stats:FILE\" in it.\n";

[[noreturn]] void refuse() {
  fprintf(stderr, "%sgmemrun --help says more\n", kUsage);
  exit(kExitTrouble);
}

[[noreturn]] void leave_written() {
  exit(tools::is_written("gmemrun") ? EXIT_SUCCESS : kExitTrouble);
}

int parse_node(const char* text) {
  char* end = nullptr;
  errno = 0;
  const long node = strtol(text, &end, 10);
  // strtol takes blanks and signs, too.
  const bool is_number = *text >= '0' && *text <= '9' && *end == '\0';
  if (is_number && errno == 0 && node <= INT_MAX) {
    gmem::Device* const device = gmem::current_device();
    const auto hnid = static_cast<gmem::Hnid>(node);
    if (device != nullptr && device->is_valid_node(hnid))
      return static_cast<int>(node);
  }
  fprintf(stderr,
          "gmemrun: \"%s\" is no node with memory that this process may use\n",
          text);
  exit(kExitTrouble);
}

}  // namespace

Options parse_options(int argc, char** argv) {
  enum { kNode = 256, kStats, kPlain, kHelpAsked, kVersion };
  static const option kLong[] = {
      {"node", required_argument, nullptr, kNode},
      {"stats", no_argument, nullptr, kStats},
      {"plain", no_argument, nullptr, kPlain},
      {"help", no_argument, nullptr, kHelpAsked},
      {"version", no_argument, nullptr, kVersion},
      {nullptr, 0, nullptr, 0},
  };

  Options options;
  // "+": the first word that is no option is the command.
  for (int c; (c = getopt_long(argc, argv, "+", kLong, nullptr)) != -1;) {
    switch (c) {
      case kNode:
        options.node = parse_node(optarg);
        break;
      case kStats:
        options.stats = true;
        break;
      case kPlain:
        options.plain = true;
        break;
      case kHelpAsked:
        printf("%s%s", kUsage, kHelp);
        leave_written();
      case kVersion:
        puts("gmemrun " PACKAGE_VERSION);
        leave_written();
      default:
        refuse();
    }
  }
  if (optind == argc) {
    fprintf(stderr, "gmemrun: name a command to run\n");
    refuse();
  }
  options.command = argv + optind;
  return options;
}

}  // namespace gmemrun
