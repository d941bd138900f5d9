# SPDX-License-Identifier: MulanPSL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2034  # the scripts choose among the lists
# What the scripts need of the system, and how to get it.  Sourced.

# How to see that it is there | its package with apt | with dnf
readonly packages_to_build=(
  'command g++|g++|gcc-c++'
  'command make|make|make'
  'command autoconf|autoconf|autoconf'
  'command automake|automake|automake'
  'command libtoolize|libtool|libtool'
  'macro ax_cxx_compile_stdcxx.m4|autoconf-archive|autoconf-archive'
  'command pkg-config|pkg-config|/usr/bin/pkg-config'
  'command bzip2|bzip2|bzip2'
  'command patch|patch|patch'
  'command xz|xz-utils|xz'
  'command cmp|diffutils|diffutils'
  'header numa.h|libnuma-dev|numactl-devel'
)

readonly packages_to_test=(
  'header check.h|check|check-devel'
)

# The programs that tests run on the heap; a test whose program is missing is
# skipped.
readonly packages_to_test_all=(
  'command git|git|git'
  'command python3|python3|python3'
  'command perl|perl|perl'
  'command sqlite3|sqlite3|sqlite'
  'command strace|strace|strace'
  'command mandoc|mandoc|mandoc'
  'command groff|groff|groff'
  'command cmake|cmake|cmake'
  'command abidiff|abigail-tools|libabigail'
  'command node|nodejs|nodejs'
  'command clang++|clang|clang'
  'command clang-format|clang-format|clang-tools-extra'
  'sanitizer address|g++|libasan'
  'sanitizer undefined|g++|libubsan'
)

# For scripts/check-aarch64, which works with apt on x86_64 alone.
readonly packages_to_build_for_aarch64=(
  'command aarch64-linux-gnu-g++|g++-aarch64-linux-gnu|'
  'command qemu-aarch64-static|qemu-user-static|'
)

readonly packages_to_build_deb=(
  'command dpkg-buildpackage|dpkg-dev|dpkg-dev'
  'command dh|debhelper|debhelper'
  'package build-essential|build-essential|dpkg-dev'
  'command fakeroot|fakeroot|fakeroot'
  'command lintian|lintian|lintian'
)

readonly packages_to_build_rpm=(
  'command rpmbuild|rpm|rpm-build'
  'command rpmlint|rpmlint|rpmlint'
)

# For make check-packages.
readonly packages_to_test_packages=(
  'command mount|mount|util-linux'
  'command man|man-db|man-db'
  'command dnf|dnf|dnf'
  'command createrepo_c|createrepo-c|createrepo_c'
)
readonly packages_to_test_debs=(
  'command mmdebstrap|mmdebstrap|'
  'command autopkgtest|autopkgtest|'
)

# For make bench-heap, which leaves out what is missing.
readonly packages_to_bench_heap=(
  'library libjemalloc.so.2|libjemalloc2|jemalloc'
  'library libmimalloc.so.2|libmimalloc2.0|mimalloc'
  'library libtcmalloc_minimal.so.4|libtcmalloc-minimal4|gperftools-libs'
  'command redis-server|redis-server|redis'
  'command redis-benchmark|redis-tools|redis'
  'command sqlite3|sqlite3|sqlite'
  'command python3|python3|python3'
  'command gnuplot|gnuplot-nox|gnuplot'
)

has_apt() { command -v apt-get >/dev/null; }

can_build_for_aarch64() { [ "$(uname -m)" = x86_64 ] && has_apt; }

is_there() {
  local kind=$1 name=$2
  case $kind in
    command) command -v "$name" >/dev/null ;;
    macro) [ -e "$(aclocal --print-ac-dir 2>/dev/null)/$name" ] ;;
    header) echo "#include <$name>" | g++ -E -x c++ - >/dev/null 2>&1 ;;
    library) [ -z "$(LD_PRELOAD=$name env true 2>&1)" ] ;;
    package) dpkg --status "$name" >/dev/null 2>&1 ;;
    sanitizer)
      echo 'int main() {}' |
        g++ -fsanitize="$name" -o /dev/null -x c++ - >/dev/null 2>&1 ;;
  esac
}

package_manager() {
  local manager
  for manager in apt-get dnf; do
    command -v "$manager" && return
  done
  return 1
}

# The names of the packages whose rows, given as arguments, find nothing.
missing_packages() {
  local row probe apt dnf
  for row in "$@"; do
    IFS='|' read -r probe apt dnf <<<"$row"
    # shellcheck disable=SC2086  # a kind and a name
    is_there $probe && continue
    case $(package_manager) in
      *dnf) echo "$dnf" ;;
      *) echo "$apt" ;;
    esac
  done | sort -u
}

# The command that installs the packages, in words for a person.
install_command() {
  local sudo=
  [ "$(id -u)" = 0 ] || sudo='sudo '
  case $(package_manager) in
    *apt-get)
      echo "${sudo}apt-get update && ${sudo}apt-get install -y --no-install-recommends $*" ;;
    *dnf) echo "${sudo}dnf install -y $*" ;;
  esac
}

# ensure_packages yes|no ROW...: installs what is missing, or with "no" says
# how and fails.
ensure_packages() {
  local may_install=$1 missing command
  shift
  mapfile -t missing < <(missing_packages "$@")
  [ "${#missing[@]}" -gt 0 ] || return 0

  if ! package_manager >/dev/null; then
    echo "missing, and neither apt-get nor dnf is here to install it: ${missing[*]}" >&2
    return 1
  fi
  command=$(install_command "${missing[@]}")
  if [ "$may_install" = no ]; then
    printf 'missing: %s\ninstall it with:\n    %s\n' "${missing[*]}" "$command" >&2
    return 1
  fi
  if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
    printf 'missing: %s\nthere is no sudo here; run as root:\n    %s\n' \
      "${missing[*]}" "${command//sudo /}" >&2
    return 1
  fi
  echo "installing ${missing[*]}:"
  echo "    $command"
  DEBIAN_FRONTEND=noninteractive bash -c "$command"
}
