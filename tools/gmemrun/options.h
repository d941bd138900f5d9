// SPDX-License-Identifier: MulanPSL-2.0
// What gmemrun's command line asks for.
#ifndef GMEM_TOOLS_GMEMRUN_OPTIONS_H
#define GMEM_TOOLS_GMEMRUN_OPTIONS_H

namespace gmemrun {

// As env(1) leaves: its own trouble, a command that cannot be run, and one
// that is not there.
inline constexpr int kExitTrouble = 125;
inline constexpr int kExitCannotRun = 126;
inline constexpr int kExitNotFound = 127;

inline constexpr int kNoNode = -1;

struct Options {
  bool stats = false;
  bool plain = false;
  int node = kNoNode;        // where the heap is to lie
  char** command = nullptr;  // as execvp takes it
};

// Answers --help and --version, and refuses what it does not understand, by
// leaving the process.
Options parse_options(int argc, char** argv);

}  // namespace gmemrun

#endif  // GMEM_TOOLS_GMEMRUN_OPTIONS_H
