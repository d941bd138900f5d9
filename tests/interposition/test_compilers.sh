#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# The C and C++ compilers make the same objects, and programs that run.
here=${GMEM_SRCDIR:?make check sets it}/tests/interposition
# shellcheck source=tests/interposition/tap.sh
. "$here/tap.sh"
# shellcheck source=tests/interposition/preload.sh
. "$here/preload.sh"

export LC_ALL=C
cp "$here/templates.cc" "$work/"
cat >"$work/plain.c" <<'C'
#include <stdio.h>
#define F(n) static int f##n(int x) { return x * n + (x >> (n & 7)); }
F(1) F(2) F(3) F(4) F(5) F(6) F(7) F(8) F(9)
int main(void) {
  int i, x = 1;
  for (i = 0; i < 1000; i++)
    x = f1(x) ^ f2(x) ^ f3(x) ^ f4(x) ^ f5(x) ^ f6(x) ^ f7(x) ^ f8(x) ^ f9(x);
  printf("%d\n", x);
  return 0;
}
C

compile_c() {
  ${CC:-gcc} -O2 -fwrapv -c "$work/plain.c" -o plain.o &&
    ${CC:-gcc} plain.o -o plain && ./plain
}
compile_cxx() {
  ${CXX:-g++} -std=c++17 -O2 -frandom-seed=1 -c "$work/templates.cc" \
    -o templates.o && ${CXX:-g++} templates.o -pthread -o templates && ./templates
}
refuse_cxx() {
  echo 'int main() { return undeclared; }' >bad.cc
  ${CXX:-g++} -c bad.cc
  echo "status $?"
}

same compile_c '(cc1|clang)' compile_c
same_files compile_c plain.o plain
same compile_cxx '(cc1plus|clang)' compile_cxx
same_files compile_cxx templates.o templates
same refuse_cxx '(cc1plus|clang)' refuse_cxx
done_testing
