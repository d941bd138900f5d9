// SPDX-License-Identifier: MulanPSL-2.0
// What a piece of a test writes to file descriptor 2, up to a pipe's worth.
#ifndef GMEM_TESTS_SUPPORT_CAPTURE_STDERR_H
#define GMEM_TESTS_SUPPORT_CAPTURE_STDERR_H

#include <unistd.h>

#include <stdexcept>
#include <string>

template <typename Body>
std::string stderr_of(const Body& body) {
  int ends[2];
  const int own = dup(2);
  if (own == -1 || pipe(ends) != 0) throw std::runtime_error("no pipe");
  dup2(ends[1], 2);
  close(ends[1]);
  body();
  dup2(own, 2);
  close(own);
  std::string text;
  char part[512];
  for (ssize_t got; (got = read(ends[0], part, sizeof part)) > 0;)
    text.append(part, static_cast<std::size_t>(got));
  close(ends[0]);
  return text;
}

#endif  // GMEM_TESTS_SUPPORT_CAPTURE_STDERR_H
