// SPDX-License-Identifier: MulanPSL-2.0
// Where conf "stats:FILE" sends the report of a process.  A program may shut
// itself off from the file system before it exits, so the file is opened at
// its start; and a report must not change how a program ends, so nothing here
// waits or raises a signal.
#ifndef GMEM_REPORT_FILE_H
#define GMEM_REPORT_FILE_H

#include <cstddef>

namespace gmem {

// Opens the file, where conf names one, out of the program's way.
void open_report_file();

// One write, so that lines of processes that exit at once do not mix.  A line
// that cannot be written is lost: there is nobody left to tell.
void write_report(const char* line, std::size_t length);

}  // namespace gmem

#endif  // GMEM_REPORT_FILE_H
