# SPDX-License-Identifier: MulanPSL-2.0
# shellcheck shell=bash
# Where the parts of a guest are: in $cache, which fetch-machine fills.
# Sourced; the script sets cache first.

# The kernels that fetch-machine knows, each in a suite of Debian.
suite_of_kernel() {
  case $1 in
    6.1) echo bookworm ;;
    6.12) echo bookworm-backports ;;
    *) return 1 ;;
  esac
}

kernel_image() { echo "${cache:?}/linux-$1/vmlinuz"; }

# What modules for the kernel are built against; nothing where it is missing.
kernel_headers() {
  local directory
  for directory in "${cache:?}/linux-$1"/headers/usr/src/*-cloud-amd64; do
    [ ! -e "$directory/Makefile" ] || echo "$directory"
  done
}

# What the headers are made for: both kernels were built with it.
# shellcheck disable=SC2034  # run-guest uses it
readonly module_compiler=gcc-12

# The double for GMEM kernels, in the build directory.
kernel_module() { echo "tests/vm/gmem-$1/gmem_double.ko"; }

# Sets qemu to the command: the fetched one, which needs to be told where its
# parts are because it is not installed, else the system's.
choose_qemu() {
  local root=$cache/qemu
  local libraries=x86_64-linux-gnu
  qemu=(qemu-system-x86_64)
  [ -d "$root" ] || return 0
  qemu=(env QEMU_MODULE_DIR="$root/usr/lib/$libraries/qemu"
    LD_LIBRARY_PATH="$root/usr/lib/$libraries:$root/lib/$libraries"
    "$root/usr/bin/qemu-system-x86_64"
    -L "$root/usr/share/qemu" -L "$root/usr/share/seabios")
}

qemu_runs() {
  choose_qemu
  "${qemu[@]}" --version >/dev/null 2>&1
}

# Linked statically, as nothing else in the guest is.
busybox_path() {
  if [ -x "$cache/busybox" ]; then
    echo "$cache/busybox"
  else
    type -P busybox
  fi
}
