# SPDX-License-Identifier: MulanPSL-2.0
# shellcheck shell=bash
# Builds programs as a user of libgmem would, and runs them. Sourced after
# tap.sh.

dropin=${GMEM_SRCDIR:?make check sets it}/tests/dropin
library_dir=${work:?}/lib
ulimit -c 0

# A copy, in a place that other users can reach.
chmod 755 "$work"
mkdir "$library_dir"
cp "${GMEM_LIBRARY:?names the library under test}" "$library_dir/libgmem.so.0"
ln -s libgmem.so.0 "$library_dir/libgmem.so"

# compile OPTION...; CC may be a program with options.
compile() { ${CC:-cc} -Wall -Wextra -Werror -I"$dropin" "$@"; }

with_library() { env LD_LIBRARY_PATH="$library_dir" "$@"; }

# silently COMMAND...: succeeds, and says nothing on either output.
silently() {
  local status=0
  "$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
  [ "$status" = 0 ] && [ ! -s "$work/out" ] && [ ! -s "$work/err" ] && return
  echo "status $status; stdout and stderr:"
  cat "$work/out" "$work/err"
  return 1
}

# The users as which this process can run programs: itself, root also nobody.
possible_users() {
  local nobody=65534
  echo "$EUID"
  [ "$EUID" = 0 ] || return
  as_user "$nobody" test -r "$library_dir/libgmem.so.0" 2>/dev/null &&
    echo "$nobody"
}

# as_user ID COMMAND...: with the library.
as_user() {
  local user=$1
  shift
  if [ "$user" = "$EUID" ]; then
    with_library "$@"
  else
    with_library setpriv --reuid="$user" --regid="$user" --clear-groups "$@"
  fi
}
