#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# dlopen where glibc has no static TLS to spare, and from python's ctypes.
here=${GMEM_SRCDIR:?make check sets it}/tests/interposition
# shellcheck source=tests/interposition/tap.sh
. "$here/tap.sh"

late_load=$GMEM_BUILDDIR/tests/interposition/test_late_load
export GLIBC_TUNABLES=glibc.rtld.optional_static_tls=0
ok 'dlopen without static TLS to spare' passes_tap "$late_load"
unset GLIBC_TUNABLES

if command -v python3 >/dev/null; then
  ok 'ctypes: the calls' \
    python3 "$GMEM_SRCDIR/examples/late_load.py" "$GMEM_LIBRARY"
  ok 'ctypes: its heap from many threads, beside libc'"'"'s' \
    python3 - "$GMEM_LIBRARY" <<'P'
import ctypes, sys, threading
library = ctypes.CDLL(sys.argv[1])
library.malloc.restype = library.realloc.restype = ctypes.c_void_p
library.malloc.argtypes = [ctypes.c_size_t]
library.realloc.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
library.free.argtypes = [ctypes.c_void_p]
bad = []

def work(n):
    for i in range(300):
        size = 1 + (i * 7919 + n * 104729) % 200000
        block = library.malloc(size)
        ctypes.memset(block, n, size)
        block = library.realloc(block, size * 2)
        if ctypes.string_at(block, size) != bytes([n]) * size:
            bad.append((n, i))
        library.free(block)

threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
[t.start() for t in threads]
[t.join() for t in threads]
sys.exit(f"{len(bad)} blocks lost their contents" if bad else 0)
P
else
  skip 'ctypes' 'there is no python3 on this machine'
fi
done_testing
