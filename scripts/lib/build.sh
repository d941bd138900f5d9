# SPDX-License-Identifier: MulanPSL-2.0
# shellcheck shell=bash
# From the sources to a build directory.  Sourced; the script sets top first.

# Built anew where what it is made of has changed.
jemalloc_is_built() {
  local built=${top:?}/deps/jemalloc/lib/libgmem_jemalloc.a
  { [ -e "$built" ] &&
      [ -z "$(find "$top/scripts/build-jemalloc" "$top/src/heap/jemalloc" \
        -newer "$built")" ]; } ||
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

# The one place where it stands.
project_version() {
  sed -n 's/^AC_INIT(\[libgmem\], \[\([^]]*\)\].*/\1/p' \
    "${top:?}/configure.ac"
}

# make_tarball FILE: what a release consists of, as make dist makes it where all
# devices are configured: it leaves out what only others need.
make_tarball() {
  jemalloc_is_built "$(nproc)" &&
    make_configure &&
    configure_in "$top/build/dist" --with-device=all &&
    make -C "$top/build/dist" dist &&
    mv "$top/build/dist/libgmem-$(project_version).tar.xz" "$1"
}
