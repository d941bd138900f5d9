#!/bin/sh
# SPDX-License-Identifier: MulanPSL-2.0
# Makes configure from configure.ac.  Needs autoconf, automake, libtool and
# autoconf-archive.
set -eu
cd "$(dirname "$0")"

for tool in autoreconf automake libtoolize; do
  command -v "$tool" >/dev/null || {
    echo "autogen.sh: $tool is missing; install autoconf, automake, libtool" \
         "and autoconf-archive, or run scripts/quickstart" >&2
    exit 1
  }
done

autoreconf --install --force --warnings=all,no-portability
[ -e deps/jemalloc/lib/libgmem_jemalloc.a ] ||
  echo "autogen.sh: jemalloc is not built yet: run scripts/build-jemalloc before configure"
