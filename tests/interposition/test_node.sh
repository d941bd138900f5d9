#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# node: a virtual machine with its own heap beside ours, and worker threads.
here=${GMEM_SRCDIR:?make check sets it}/tests/interposition
# shellcheck source=tests/interposition/tap.sh
. "$here/tap.sh"
# shellcheck source=tests/interposition/preload.sh
. "$here/preload.sh"

need_program node

same node node node -e '
const { Worker, isMainThread } = require("worker_threads");
const zlib = require("zlib");
const rows = [];
for (let i = 0; i < 50000; i++) rows.push({ id: i, name: "n" + i * 7 });
const text = JSON.stringify(rows);
const packed = zlib.gzipSync(text);
console.log(text.length, zlib.gunzipSync(packed).toString() === text);
const buffers = [];
for (let i = 0; i < 2000; i++) buffers.push(Buffer.alloc(i * 10, i % 256));
console.log(buffers.reduce((n, b) => n + b.length + b[b.length - 1 >= 0 ? b.length - 1 : 0] | 0, 0));
let left = 3;
for (let n = 0; n < 3; n++) {
  const worker = new Worker("let s = 0; for (let i = 0; i < 1e5; i++) s += Buffer.alloc(64).length; require(\"worker_threads\").parentPort.postMessage(s)", { eval: true });
  worker.on("message", (s) => { if (--left === 0) console.log(s); });
}
'
done_testing
