# SPDX-License-Identifier: MulanPSL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # what run reads and sets
# redis-server under redis-benchmark, by a socket in the directory of work.
# Sourced by run.

# By allocator.
declare -A server_of=()

redis_cli() { redis-cli -s "$work/redis.$1" "${@:2}"; }

start_redis() {
  local allocator=$1
  LD_PRELOAD=${library_of[$allocator]} redis-server --port 0 --save '' \
    --appendonly no --unixsocket "$work/redis.$allocator" \
    >"$work/redis.log" 2>&1 {gate}>&- &
  server_of[$allocator]=$!
  local tries
  for ((tries = 0; tries < 200; ++tries)); do
    ! redis_cli "$allocator" ping >/dev/null 2>&1 || return 0
    sleep 0.05
  done
  cat "$work/redis.log" >&2
  fail "redis on $allocator does not answer"
}

# Seconds of CPU time that a process has had.
cpu_time_of() {
  awk -v ticks="$(getconf CLK_TCK)" '{ sub(/.*\) /, "")
    print ($12 + $13) / ticks }' "/proc/$1/stat"
}

kib_of() {
  awk -v what="$2:" '$1 == what { print $2 }' "/proc/${server_of[$1]}/status"
}

# Blocks of half a KiB, lists, hashes; and values that other ones replace.
load_redis() {
  time_command 1 '' redis-benchmark -s "$work/redis.$1" -q -P 16 \
    -n "$(rounds_of 200000)" -r "$(rounds_of 100000)" -d 500 \
    -t set,get,lpush,lpop,hset,zadd
}

# The wall time is the client's, the CPU time and the memory the server's.
begin_server() {
  local allocator=$2 before after wall
  start_redis "$allocator"
  before=$(cpu_time_of "${server_of[$allocator]}")
  measured=$(load_redis "$allocator") || fail "redis on $allocator has failed"
  after=$(cpu_time_of "${server_of[$allocator]}")
  redis_cli "$allocator" flushall sync >/dev/null
  wall=${measured%% *}
  measured="$wall $(awk "BEGIN { print $after - $before }") $(
    kib_of "$allocator" VmHWM)"
}

end_server() {
  local allocator=$2
  idle_kib=$(kib_of "$allocator" VmRSS)
  kill "${server_of[$allocator]}"
  wait "${server_of[$allocator]}" || true
  unset "server_of[$allocator]"
}
