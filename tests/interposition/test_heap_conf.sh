#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# The heap's conf keys reach jemalloc, whose settings a program that is linked
# with the heap prints, and the kernel, which tells what lies in huge pages.
here=${GMEM_SRCDIR:?make check sets it}/tests/interposition
# shellcheck source=tests/interposition/tap.sh
. "$here/tap.sh"
: "${GMEM_LIBRARY:?names the library under test}"

# setting CONF NAME: what jemalloc says of it.
setting() {
  GMEM_CONF=$1 "$GMEM_BUILDDIR/tests/heap/heap_setting" "$2"
}

cpus=$(nproc)
is 1000 "$(setting '' dirty_decay_ms)" 'balanced: a second'
is 8388608 "$(setting '' tcache_max)" 'balanced: threads keep blocks of 8 MiB'
is "$cpus" "$(setting '' narenas)" 'balanced: an arena for each CPU'
is 10000 "$(setting profile:speed dirty_decay_ms)" 'speed: ten seconds'
is $((4 * cpus)) "$(setting profile:speed narenas)" 'speed: four for each CPU'
is 100 "$(setting profile:memory dirty_decay_ms)" 'memory: a tenth'
is 32768 "$(setting profile:memory tcache_max)" 'memory: 32 KiB'
is 2 "$(setting profile:memory narenas)" 'memory: two arenas'
is 250 "$(setting decay:250,profile:speed dirty_decay_ms)" \
  'a key counts beside a profile'
is -1 "$(setting decay:never dirty_decay_ms)" 'decay:never'
is 7 "$(setting arenas:7 narenas)" 'arenas:7'
is false "$(setting thread_cache:off tcache)" 'thread_cache:off'
is 65536 "$(setting thread_cache:64K tcache_max)" 'thread_cache:64K'

# Nobody else's settings count, jemalloc's own variables among them.
is 1000 "$(GMEM_JE_MALLOC_CONF=dirty_decay_ms:7 MALLOC_CONF=dirty_decay_ms:7 \
  setting '' dirty_decay_ms)" 'the variables of jemalloc do not count'

# starts CONF: a program with a heap that is to lie on some node, there or not.
starts() {
  GMEM_CONF=$1 LD_PRELOAD=$GMEM_LIBRARY awk \
    'BEGIN { while (i < 300000) held[i++] = "x" i }' 2>"$work/said"
}
ok 'heap_node:0' starts heap_node:0
ok 'heap_node:1023, the last that there can be' starts heap_node:1023
for node in 1024 1088 2147483647; do
  ok "heap_node:$node, which there cannot be" starts "heap_node:$node"
  is "libgmem: GMEM_CONF: ignored \"heap_node:$node\"" \
    "$(head -n 1 "$work/said")" 'it is said to be ignored'
done

# What of a heap of 64 MiB lies in huge pages: all, some or none.
cat >"$work/fill.awk" <<'EOT'
BEGIN {
  text = "x"
  while (length(text) < 65536) text = text text
  for (i = 0; i < 1024; ++i) held[i] = text i
  while ((getline line < "/proc/self/smaps") > 0)
    if (line ~ /^AnonHugePages:/) { split(line, part); kib += part[2] }
  print (kib > 48 * 1024 ? "most" : kib > 0 ? "some" : "none")
}
EOT
in_huge_pages() {
  GMEM_CONF=$1 LD_PRELOAD=$GMEM_LIBRARY awk -f "$work/fill.awk"
}
thp=/sys/kernel/mm/transparent_hugepage/enabled
if grep -q '\[never\]' "$thp" 2>/dev/null || [ ! -r "$thp" ]; then
  skip 'what lies in huge pages' 'there are none on this machine'
else
  is most "$(in_huge_pages huge_pages:always)" 'huge_pages:always'
  is most "$(in_huge_pages huge_pages:large)" 'huge_pages:large'
  is none "$(in_huge_pages huge_pages:never)" 'huge_pages:never'
  is none "$(in_huge_pages profile:memory)" 'profile:memory has none'
  GMEM_CONF=huge_pages:large LD_PRELOAD=$GMEM_LIBRARY awk 'BEGIN {
    while ((getline line < "/proc/self/smaps") > 0)
      if (line ~ /^AnonHugePages:/ && line !~ / 0 kB/) ++huge
    exit huge > 0 }'
  is 0 $? 'huge_pages:large: a small heap has none'
fi

threads_after_freeing() {
  GMEM_CONF=$1 LD_PRELOAD=$GMEM_LIBRARY python3 -c '
import os, sys, threading, time
if sys.argv[1] == "threads":
    thread = threading.Thread(target=lambda: None)
    thread.start()
    thread.join()
blocks = [bytearray(3000) for _ in range(60000)]
del blocks
seen = max((len(os.listdir("/proc/self/task")), time.sleep(0.02))[0]
           for _ in range(10))
print(seen)' "$2"
}
if command -v python3 >/dev/null; then
  is 1 "$(threads_after_freeing '' '')" 'a program of one thread stays so'
  is 2 "$(threads_after_freeing '' threads)" 'one that has had two gets one more'
  is 1 "$(threads_after_freeing background_thread:off threads)" \
    'background_thread:off'
  is 1 "$(threads_after_freeing decay:never threads)" \
    'decay:never: no thread either'
else
  skip 'the background thread' 'there is no python3'
fi
done_testing
