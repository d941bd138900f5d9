#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# python3: threads, child processes, fork, and the library loaded once more.
here=${GMEM_SRCDIR:?make check sets it}/tests/interposition
# shellcheck source=tests/interposition/tap.sh
. "$here/tap.sh"
# shellcheck source=tests/interposition/preload.sh
. "$here/preload.sh"

need_program python3
export PYTHONHASHSEED=0 PYTHONDONTWRITEBYTECODE=1

same objects python python3 -c '
import json, zlib
rows = [{"id": i, "name": "user%d" % i, "tags": ["a" * (i % 50)] * 3}
        for i in range(60000)]
text = json.dumps(rows)
print(len(text), zlib.crc32(text.encode()))
print(json.loads(text) == rows)
print(sum(len(s) for s in {str(i): "x" * (i % 300) for i in range(80000)}.values()))
'

same threads python python3 -c '
import hashlib, threading
sums = [None] * 8
def work(n):
    d = {}
    for i in range(20000):
        d[i % 997] = bytes([n]) * (i % 4096)
    h = hashlib.sha256()
    for key in sorted(d):
        h.update(d[key])
    sums[n] = h.hexdigest()
for _ in range(3):
    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    [t.start() for t in threads]
    [t.join() for t in threads]
print("\n".join(sums))
'

same subprocess python python3 -c '
import subprocess, sys
for i in range(10):
    out = subprocess.run([sys.executable, "-c", "print(sum(range(%d)))" % i],
                         capture_output=True, text=True, check=True)
    print(out.stdout, end="")
print(subprocess.run([sys.executable, "-c", "raise SystemExit(7)"]).returncode)
'

same multiprocessing python python3 -c '
import multiprocessing, threading
def work(n):
    return sum(len(str(i) * 20) for i in range(n))
if __name__ == "__main__":
    keep = {i: "y" * i for i in range(3000)}
    busy = threading.Event()
    def allocate():
        while not busy.is_set():
            [bytearray(1000) for _ in range(100)]
    thread = threading.Thread(target=allocate)
    thread.start()
    with multiprocessing.get_context("fork").Pool(4) as pool:
        print(pool.map(work, range(0, 40000, 1000)))
    busy.set()
    thread.join()
    print(sum(map(len, keep.values())))
'

same exit_status python python3 -c '
import os
pid = os.fork()
if pid == 0:
    x = [bytearray(10000) for _ in range(1000)]
    os._exit(len(x) % 256)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
'

# Preloaded and loaded by name: still one library, with one heap.
: >"$report"
run_preloaded "$work/twice" python3 -c '
import ctypes, os
library = ctypes.CDLL(os.environ["GMEM_LIBRARY"])
process = ctypes.CDLL(None)
process.malloc.restype = ctypes.c_void_p
process.malloc.argtypes = [ctypes.c_size_t]
library.malloc_usable_size.restype = ctypes.c_size_t
library.malloc_usable_size.argtypes = [ctypes.c_void_p]
# A block of another heap would end the process.  The addresses of the two
# functions may differ: a program that is at a fixed place has its own for each.
size = library.malloc_usable_size(process.malloc(100000))
print(size >= 100000, library.gmemGetNumaId() >= 0)
'
is 'True True' "$(cat "$work/twice.out")" 'preloaded and loaded by name: one heap'
done_testing
