// SPDX-License-Identifier: MulanPSL-2.0
// The lines that a benchmark writes for support/table.awk, which knows all the
// statistics: fields with a tab between them.
#ifndef GMEM_BENCH_REPORT_H
#define GMEM_BENCH_REPORT_H

#include <stdio.h>
#include <stdlib.h>

#include <string>

namespace bench {

// One measurement of a way of doing what the group's title says; the unit
// stands in the title.
inline void report_sample(const std::string& group, const std::string& way,
                          double value) {
  printf("sample\t%s\t%s\t%.3f\n", group.c_str(), way.c_str(), value);
}

// Asks for a line with dividend / divisor, both ways of the group.  A way that
// ends in '*' stands for the best of those that begin so.
inline void report_ratio(const std::string& group, const std::string& title,
                         const std::string& dividend,
                         const std::string& divisor, const std::string& aim) {
  printf("ratio\t%s\t%s\t%s\t%s\t%s\n", group.c_str(), title.c_str(),
         dividend.c_str(), divisor.c_str(), aim.c_str());
}

// A remark under the group.
inline void report_note(const std::string& group, const std::string& text) {
  printf("note\t%s\t%s\n", group.c_str(), text.c_str());
}

[[noreturn]] inline void fail(const char* what, const char* why) {
  fprintf(stderr, "bench: %s: %s\n", what, why);
  exit(EXIT_FAILURE);
}

}  // namespace bench

#endif  // GMEM_BENCH_REPORT_H
