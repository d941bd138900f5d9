#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# sort with threads, xz with threads, tar, awk, and a shell that forks much.
here=${GMEM_SRCDIR:?make check sets it}/tests/interposition
# shellcheck source=tests/interposition/tap.sh
. "$here/tap.sh"
# shellcheck source=tests/interposition/preload.sh
. "$here/preload.sh"

export LC_ALL=C
text=$work/text
awk 'BEGIN { srand(3); for (i = 0; i < 400000; i++)
  printf "%08x line %d of the text\n", rand() * 2147483647, i }' >"$text"

use_sort() {
  sort --parallel=4 -S 64M "$text" | cksum
  sort --parallel=2 -S 1M -k4,4nr "$text" | cksum
}
# awk keeps a hash of 400 thousand lines.
use_awk() {
  awk '{ seen[$1] = seen[$1] $3; n += length($0) }
    END { for (k in seen) m += length(seen[k]); print n, m }' "$text"
}
use_xz() {
  xz -T2 -1 --block-size=2MiB -k -c "$text" >text.xz && xz -T2 -dc text.xz | cksum
}
use_tar() {
  mkdir tree && cp "$text" tree/a && split -n 40 "$text" tree/part. &&
    tar --sort=name --mtime=@0 --owner=0 --group=0 -cf tree.tar tree &&
    mkdir out && tar -xf tree.tar -C out && diff -r tree out/tree &&
    cksum <tree.tar
}
use_bash() {
  bash -c '
    n=0
    for i in {1..200}; do n=$((n + $(echo "$i" | (read -r x; echo $((x * 2)))))); done
    for i in {1..20}; do (exit "$i") & jobs[i]=$!; done
    for job in "${jobs[@]}"; do wait "$job" || n=$((n + $?)); done
    declare -A words; for i in {1..20000}; do words[k$i]=$i; done
    echo "$n ${#words[@]}"
    exit 3' && return 1
  echo "status $?"
}

same sort sort use_sort
same awk '(mawk|gawk|awk|original-awk|busybox)' use_awk
if command -v xz >/dev/null; then
  same xz xz use_xz
  same_files xz text.xz
else
  skip xz 'there is no xz on this machine'
fi
same tar tar use_tar
same bash bash use_bash
done_testing
