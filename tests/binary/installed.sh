# SPDX-License-Identifier: MulanPSL-2.0
# shellcheck shell=bash
# What a program finds of an installed libgmem.  Sourced behind tap.sh.
: "${work:?}"
need_program pkg-config

# install_for_programs TARGET...: installs header, libgmem.pc, and the libraries
# that make's targets name, below $work/root; pkg-config then speaks of those,
# and programs find the shared library there.  A failure ends the test.
install_for_programs() {
  # make check's own settings are not for the make within.
  env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -C "$GMEM_BUILDDIR" \
    DESTDIR="$work/root" install-includeHEADERS install-pkgconfigDATA \
    "$@" >"$work/log" 2>&1 || {
    sed 's/^/# /' "$work/log"
    echo 'Bail out! libgmem cannot be installed'
    exit 1
  }
  local file
  file=$(find "$work/root" -name libgmem.pc)
  export PKG_CONFIG_PATH=${file%/*} PKG_CONFIG_SYSROOT_DIR=$work/root
  export LD_LIBRARY_PATH=${file%/pkgconfig/*}
}
