#!/bin/bash
# SPDX-License-Identifier: MulanPSL-2.0
# The contract on kernels that lack, or forbid, what this one has: strace has
# the system calls in question fail, and the semantics must hold all the same.
# shellcheck source=tests/interposition/tap.sh
source "$GMEM_SRCDIR/tests/interposition/tap.sh"

contract=$GMEM_BUILDDIR/tests/contract/test_contract

# holds NAME INJECTION [GROUP [EXCEPT]]: every test (of the group) passes, save
# those whose names match EXCEPT: such a kernel cannot do what they ask.
holds() { ok "$1" all_pass "$2" "${3:-}" "${4:-^$}"; }

# on_host holds ...: on the host alone, where the doubles that other devices
# are tested on need what the kernel is to lack.
on_host() {
  local -x GMEM_TEST_SUBJECT=host
  "$@"
}

all_pass() {
  local injection=$1 group=$2 except=$3
  if [ -n "$group" ]; then
    local -x CK_RUN_CASE=$group
  fi
  strace -f -qq -o "$work/trace" -e trace="${injection%%:*}" \
    -e inject="$injection" "$contract" >"$work/tap" 2>&1
  grep -q '(INJECTED)' "$work/trace" || {
    echo 'nothing was injected'
    return 1
  }
  grep -q '^ok ' "$work/tap" || {
    cat "$work/tap"
    return 1
  }
  ! grep '^not ok ' "$work/tap" | grep -v -E "$except" | grep .
}

need_program strace
strace -qq -o /dev/null true || skip_all 'strace may not trace here'

# Before Linux 6.11 and 6.7: no PROCMAP_QUERY, no PAGEMAP_SCAN.
holds 'without ioctl on files of /proc' ioctl:error=ENOTTY
# Before Linux 5.14: no MADV_POPULATE_*; this takes all other advice, too.  A
# touch by the CPU marks no page whose translation it still has cached.
holds 'without madvise' madvise:error=EINVAL prefetch \
  'huge_pages|marked_hot'
# An emulator of user programs: it takes all advice and follows none.
on_host holds 'fills in where advice is not followed' \
  madvise:retval=0 prefetch 'huge_pages|marked_hot'
on_host holds 'purges chunks where advice is not followed' \
  madvise:retval=0 chunks 'huge_pages'
# A container's seccomp filter.
holds 'without leave to place pages' \
  move_pages,set_mempolicy,get_mempolicy:error=EPERM
# No thread is to be had; the tests themselves need one to write concurrently,
# and to be in a container.
on_host holds 'without helpers' clone3:error=EAGAIN '' 'concurrent_writers|containers'
# The tests enter a container by the same call.
holds 'without names for mappings' prctl:error=EINVAL '' containers

done_testing
