#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# libgmem.h compiles alone, and twice, as each C and C++ that it promises.
# shellcheck source=tests/interposition/tap.sh
. "${GMEM_SRCDIR:?make check sets it}/tests/interposition/tap.sh"

check_header() {
  local language=$1 compiler=$2
  printf '#include <libgmem.h>\n#include <libgmem.h>\n%s\n' \
    'int use(void); int use(void) { return gmemGetNumaId(); }' |
    $compiler -std="$language" -Wall -Wextra -Wpedantic -Werror \
      -I"$GMEM_SRCDIR/include" -fsyntax-only -x "$3" -
}
for language in c99 c11 c17 gnu99 gnu17; do
  ok "$language" check_header "$language" "${CC:-cc}" c
done
for language in c++11 c++17 c++20; do
  ok "$language" check_header "$language" "${CXX:-c++}" c++
done
done_testing
