#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# Programs that link libgmem.a: wholly static ones, and ones that take the C
# library as it is shared.
here=${GMEM_SRCDIR:?make check sets it}/tests/interposition
# shellcheck source=tests/interposition/tap.sh
. "$here/tap.sh"
# shellcheck source=tests/binary/installed.sh
. "$GMEM_SRCDIR/tests/binary/installed.sh"

[ -e "$GMEM_BUILDDIR/libgmem.a" ] || skip_all 'this build has no libgmem.a'
sources=$GMEM_SRCDIR/tests/binary/static
install_for_programs install-libLTLIBRARIES install-archiveexecDATA
cflags="-O1 -pthread -I$GMEM_SRCDIR/tests $(pkg-config --cflags libgmem)"
libs=$(pkg-config --static --libs libgmem)
compilers() { case $1 in *.cc) echo "${CXX:-c++}" ;; *) echo "${CC:-cc}" ;; esac; }

# build KIND SOURCE...: into $work/program.  The kinds: static, static-pie,
# gc (static without what is not needed) and shared, with libc's shared library.
build() {
  local kind=$1 flags=() mine=$libs
  shift
  rm -f "$work/program"
  case $kind in
    static | static-pie) flags=("-$kind") ;;
    gc) flags=(-static -ffunction-sections '-Wl,--gc-sections') ;;
    shared) mine=${libs/-lgmem/-l:libgmem.a} ;;
  esac
  # What pkg-config says, and a compiler with its options, is words.
  # shellcheck disable=SC2046,SC2086
  $(compilers "$1") $cflags "${flags[@]}" "$@" $mine -o "$work/program"
}
builds_silently() {
  local said status=0
  said=$(build "$@" 2>&1) || status=$?
  printf '%s\n' "$said"
  [ "$status" = 0 ] && [ -z "$said" ]
}

# What the program runs on, apart from the kernel.
needs() { readelf -dW "$work/program" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'; }
has_no_loader() { ! readelf -lW "$work/program" | grep -q INTERP; }
needs_no_libgmem() { needs >"$work/needs" && ! grep libgmem "$work/needs"; }

# stands_alone KIND
stands_alone() { if [ "$1" = shared ]; then needs_no_libgmem; else has_no_loader; fi; }

# The program's report says that its heap is ours, and that it is small.
runs() {
  rm -f "$work/report"
  GMEM_CONF="check:on,stats:$work/report" "$@"
}
reports() {
  [ "$(wc -l <"$work/report")" = 1 ] &&
    grep -q "command=program .*heap_allocated=" "$work/report"
}
is_small() {
  local bytes
  bytes=$(grep -oP 'heap_allocated=\K[0-9]+' "$work/report")
  [ "$bytes" -lt $((32 << 20)) ] || { echo "$bytes bytes"; return 1; }
}

# Each name that is ours inside, as a function of the program's that no one
# may call.
names_of_ours() {
  printf '#include <stdlib.h>\n'
  nm "$GMEM_BUILDDIR/libgmem.a" |
    sed -nE 's/.* [bBdDrRtTvVwWu] ((gmem_|_ZN4gmem|__cxa)[A-Za-z0-9_]*)$/\1/p' |
    sort -u | sed 's/.*/void &(void);\nvoid &(void) { abort(); }/'
}

can_link() {
  echo 'int main(void) { return 0; }' >"$work/empty.c"
  "${CC:-cc}" "$1" "$work/empty.c" -o "$work/empty" >/dev/null 2>&1 &&
    "$work/empty"
}

try_kind() {
  local kind=$1 name
  for name in only_malloc.c only_new.cc; do
    ok "$kind: $name is built, and nothing is warned of" \
      builds_silently "$kind" "$sources/$name"
    ok "$kind: $name runs" runs "$work/program"
    ok "$kind: its heap is ours" reports
  done
  for name in program.c program.cc; do
    ok "$kind: $name is built, and nothing is warned of" \
      builds_silently "$kind" "$sources/$name"
    ok "$kind: $name has libgmem in it" stands_alone "$kind"
    ok "$kind: $name works" runs passes_tap "$work/program"
    ok "$kind: $name tells of its heap at its end" reports
    ok "$kind: $name: caches went with their threads" is_small
  done
  names_of_ours >"$work/names.c"
  ok "$kind: the names of ours to be taken are known" \
    grep -q gmem_tsd_slot "$work/names.c"
  ok "$kind: a program with those names of its own is built" \
    build "$kind" "$sources/program.c" "$work/names.c"
  ok "$kind: and works" runs passes_tap "$work/program"
}

for kind in static static-pie gc shared; do
  case $kind in
    shared) option=-pthread ;;
    gc) option=-static ;;
    *) option=-$kind ;;
  esac
  if can_link "$option"; then
    try_kind "$kind"
  else
    skip "$kind" "programs cannot be linked with $option here"
  fi
done
done_testing
