#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# The exported names are the expected ones, and nothing of the C++ run time is
# left to be found elsewhere: nm's word.
# shellcheck source=tests/interposition/tap.sh
. "${GMEM_SRCDIR:?make check sets it}/tests/interposition/tap.sh"

need_program nm
library=${GMEM_LIBRARY:?names the library under test}

# Name, and version where it has one, of each defined symbol.
exported=$(nm -D --defined-only --with-symbol-versions "$library" |
  awk '$2 != "A" { print $3 }' | sort)
undefined=$(nm -D --undefined-only "$library" | awk '{ print $2 }')

family='aligned_alloc calloc free free_aligned_sized free_sized
malloc malloc_usable_size memalign posix_memalign pvalloc realloc
reallocarray valloc __libc_calloc __libc_free __libc_malloc __libc_memalign
__libc_pvalloc __libc_realloc __libc_valloc cfree mallinfo mallinfo2
malloc_info malloc_stats malloc_trim mallopt'
others=pthread_create
calls='gmemAlloc gmemDeviceName gmemFree gmemFreeEager gmemGetNumaId gmemGetResidentSize
gmemPrefetch gmemStrError gmemStreamCreate gmemStreamDestroy
gmemStreamSynchronize gmemVersion'

# shellcheck disable=SC2086  # words
expected=$( (printf '%s\n' $family $others; printf '%s@@LIBGMEM_0.1\n' $calls) | sort)
is "$expected" "$exported" 'exports exactly the calls and the malloc family'
is '' "$(grep -E '^(_Z|__cxa_|__gxx_|_Unwind_)' <<<"$undefined" |
  grep -v '@GLIBC_')" 'nothing of the C++ run time is undefined'
is '' "$(grep -E '^(malloc|free|calloc|realloc)(@|$)' <<<"$undefined")" \
  'the malloc family is not taken from elsewhere'

# Debian's list of them is the same, or its package is not built.  The tarball
# does not have it.
if [ -e "$GMEM_SRCDIR/debian/libgmem0.symbols" ]; then
  listed=$(sed -nE 's/^ ([A-Za-z_0-9]+)@(Base|LIBGMEM_[0-9.]+) .*/\1@\2/p' \
    "$GMEM_SRCDIR/debian/libgmem0.symbols" |
    sed 's/@Base$//; s/@LIB/@@LIB/' | sort)
  is "$expected" "$listed" 'debian/libgmem0.symbols lists the same'
fi

# The header declares what is exported, and the other way round.
declared=$(grep -oE '\bgmem[A-Z][A-Za-z]*\(' \
  "$GMEM_SRCDIR/include/libgmem.h" | tr -d '(' | sort -u)
# shellcheck disable=SC2086  # words
is "$(printf '%s\n' $calls | sort)" "$declared" \
  'libgmem.h declares exactly the exported calls'
done_testing
