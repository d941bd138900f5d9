# SPDX-License-Identifier: MulanPSL-2.0
# shellcheck shell=bash
# A system of this machine's release that holds what every one holds and
# nothing else.  Sourced.
# shellcheck source=scripts/lib/private_apt.sh
. "${GMEM_SRCDIR:?make check sets it}/scripts/lib/private_apt.sh"

# The build's own library, for gmemrun: what is installed there is to be found.
unset GMEM_LIBRARY

# Says why there can be none here, or fails.
cannot_make_root() {
  if [ "$(id -u)" != 0 ]; then
    echo 'only root may enter another root directory'
  elif ! command -v mmdebstrap >/dev/null; then
    echo 'there is no mmdebstrap on this machine'
  elif ! unshare --mount true 2>/dev/null; then
    echo 'nothing can be mounted here, as in many containers'
  else
    return 1
  fi
}

# make_clean_root TARBALL|DIR [SUITE [OPTION...]]: of this machine's release, or
# of another; with options of mmdebstrap.
make_clean_root() {
  local target=$1 suite=${2:-$(system_release)} entries status=0
  shift $(($# < 2 ? $# : 2))
  entries=$(mktemp -d) &&
    sources_of_suite "$suite" "$entries" &&
    mmdebstrap --quiet --variant=apt --skip=cleanup/apt/lists "$@" \
      "$suite" "$target" "$entries"/* || status=$?
  rm -rf "$entries"
  return "$status"
}

# unpack_root TARBALL DIR: for a test, which is over where that fails.
unpack_root() {
  [ -e "$1" ] || skip_all 'no clean system could be made'
  if ! mkdir "$2" || ! tar -xf "$1" -C "$2" --numeric-owner; then
    echo 'Bail out! no clean system'
    exit 1
  fi
}

# with_proc DIR COMMAND...: while it runs, it sees DIR with /proc and /sys.
with_proc() {
  # shellcheck disable=SC2016  # the inner shell expands
  unshare --mount sh -c 'mount -t proc proc "$0/proc" &&
    mount --rbind /sys "$0/sys" && exec "$@"' "$@"
}

# in_root DIR COMMAND...
in_root() { with_proc "$1" chroot "$@"; }

# Its files, but for what package managers write down for themselves and
# caches, which everybody may leave behind.
files_of_root() {
  find "$1" -xdev \( -path "$1/var/cache" -o -path "$1/var/log" \
    -o -path "$1/var/lib/apt" -o -path "$1/var/lib/dpkg" \
    -o -path "$1/var/lib/rpm" -o -path "$1/var/lib/dnf" \
    -o -path "$1/etc/ld.so.cache" -o -path "$1/repository" \) -prune \
    -o -printf '%P\n' | sort
}

# same_files BEFORE AFTER: says what differs.
same_files() { diff "$1" "$2"; }
