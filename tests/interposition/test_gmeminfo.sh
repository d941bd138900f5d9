#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# gmeminfo: exit statuses, and that text and JSON say what there is.
here=${GMEM_SRCDIR:?make check sets it}/tests/interposition
# shellcheck source=tests/interposition/tap.sh
. "$here/tap.sh"
gmeminfo=$GMEM_BUILDDIR/gmeminfo

status_is() {
  local expected=$1 status=0
  shift
  "$@" >"$work/out" 2>"$work/err" || status=$?
  cat "$work/err"
  same_text "$expected" "$status"
}
says() { grep -qE -- "$1" "$work/out"; }

ok 'a device in use: 0' status_is 0 "$gmeminfo"
ok 'the device' says '^  host +in use, node [0-9]+$'
ok 'the release of the kernel' says "^kernel $(uname -r)$"
ok 'jemalloc' says '^libgmem [0-9.]+, jemalloc 5\.[0-9.]+$'
if [ -d /sys/devices/system/node/node0 ]; then
  ok 'a node' says '^  node [0-9]+ +[0-9.]+ MiB, [0-9.]+ MiB free'
else
  skip 'a node' 'the kernel has no NUMA'
fi
if [ -e /dev/gmem ]; then
  ok '/dev/gmem' says '^  /dev/gmem +(there|no right to open it|no driver behind it)$'
elif [ -e /sys/kernel/mm/gmem ] || [ -e /proc/gmemstat ] ||
  grep -q 'gmem=' /proc/cmdline; then
  ok '/dev/gmem is not there' says '^  /dev/gmem +not there$'
else
  ok 'no GMEM is one line' says '^the kernel has no GMEM, or it is off$'
  ok 'and nothing else' not says '^GMEM$|^  (/dev/gmem|hnode|migrating) '
fi

ok 'no such device: 1' status_is 1 env GMEM_CONF=device:none "$gmeminfo"
ok 'and why' says '^  host +not in use: GMEM_CONF asks for none$'
ok 'no such device: 1, in JSON' \
  status_is 1 env GMEM_CONF=device:none "$gmeminfo" --json
ok 'unknown option: 2' status_is 2 "$gmeminfo" --unknown
ok 'an argument: 2' status_is 2 "$gmeminfo" host
ok '--help: 0' status_is 0 "$gmeminfo" --help
ok '--help says how to use it' says '^usage: gmeminfo'
ok '--version: 0' status_is 0 "$gmeminfo" --version

if command -v python3 >/dev/null; then
  "$gmeminfo" --json >"$work/json"
  ok '--json is JSON' python3 -m json.tool "$work/json"
  ok '--json holds the machine' python3 - "$work/json" <<'P'
import json, os, sys
found = json.load(open(sys.argv[1]))
assert [d["name"] for d in found["devices"] if d["in_use"]] == ["host"]
assert found["kernel"]["release"] == os.uname().release
gmem = found["kernel"]["gmem"]
assert (gmem["dev_gmem"] != "not there") == os.path.exists("/dev/gmem")
shown = "/sys/kernel/mm/gmem"
ids = sorted(int(n[5:]) for n in os.listdir(shown) if n[:5] == "hnode") \
    if os.path.isdir(shown) else []
assert [n["id"] for n in gmem["hnodes"]] == ids
features = found["kernel"]["features"]
assert features["MADV_POPULATE_WRITE"] in ("yes", "no"), features
nodes = sorted(int(n[4:]) for n in os.listdir("/sys/devices/system/node")
               if n[:4] == "node" and n[4:].isdigit())
assert [n["id"] for n in found["nodes"]] == nodes
for node in found["nodes"]:
    assert node["free_bytes"] <= node["bytes"]
P
else
  skip '--json' 'there is no python3 on this machine'
fi
done_testing
