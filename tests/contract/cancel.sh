# SPDX-License-Identifier: MulanPSL-2.0
# shellcheck shell=bash
# Each exported name with a cancellation pending.  Sourced, after tap.sh.
cancelled=${GMEM_BUILDDIR:?make check sets it}/tests/contract/cancelled

# survive DEVICE [VARIABLE=VALUE...]: all names, as the process's first call and
# later, each in a process of its own, which the device serves; until a third
# has failed.
survive() {
  local device=$1 name when said failed=0
  shift
  while IFS= read -r name; do
    for when in first warm; do
      said=$(env "$@" "$cancelled" "$name" "$when" 2>&1)
      [ "$said" = "$device" ] && continue
      printf '%s, %s: %s\n' "$name" "$when" "$said"
      failed=$((failed + 1))
      [ "$failed" = 3 ] && return 1
    done
  done < <("$cancelled")
  return $((failed > 0))
}
