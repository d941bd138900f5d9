# SPDX-License-Identifier: MulanPSL-2.0
# shellcheck shell=bash
# From the sources to a build directory.  Sourced; the script sets top first.

jemalloc_is_built() {
  [ -e "${top:?}/deps/jemalloc/lib/libgmem_jemalloc.a" ] ||
    "$top/scripts/build-jemalloc" --jobs "$1"
}

make_configure() { (cd "${top:?}" && sh ./autogen.sh); }

# configure_in DIR OPTION...: a fresh build directory.
configure_in() {
  local directory=$1
  shift
  rm -rf "$directory"
  mkdir -p "$directory"
  (cd "$directory" && "${top:?}/configure" "$@")
}
