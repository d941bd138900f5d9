# SPDX-License-Identifier: MulanPSL-2.0
# shellcheck shell=bash
# What a user does with the packages of library and tools that are installed in
# a root.  Sourced behind tap.sh and clean_root.sh.
: "${work:?}"

# compile_loader ROOT: into /load_by_name there, with this machine's compiler.
compile_loader() {
  ok 'a program that loads the library by name is compiled' \
    "${CC:-cc}" -o "$1/load_by_name" \
    "$GMEM_SRCDIR/tests/packages/load_by_name.c" -ldl
}

# uses ROOT WHEN VERSION
uses() {
  ok "$2: gmeminfo runs" in_root "$1" gmeminfo
  ok "$2: a program runs on the heap" runs_on_heap "$1"
  is "$3" "$(in_root "$1" /load_by_name 2>&1)" \
    "$2: dlopen finds libgmem.so without what programs are compiled with"
  ok "$2: man gmemPrefetch" shows_page "$1" gmemPrefetch
}

cannot_load() {
  ! in_root "$1" /load_by_name 2>"$work/said" &&
    grep '^libgmem\.so: cannot open' "$work/said"
}

runs_on_heap() {
  in_root "$1" gmemrun --stats sh -c 'printf "2\n1\n" | sort' \
    >"$work/sorted" 2>"$work/stats"
  cat "$work/stats"
  same_text $'1\n2' "$(cat "$work/sorted")" &&
    grep -q 'heap, mapped' "$work/stats"
}

# This machine's man, on the pages that are there.
shows_page() { MANPATH=$1/usr/share/man man "$2" 2>&1 | grep -A 2 '^NAME'; }
