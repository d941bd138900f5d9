# SPDX-License-Identifier: MulanPSL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2054  # run-guest uses it; commas are QEMU's
# The machines that guests see.  Sourced.

readonly three_memories=(-m 1280M
  -object memory-backend-ram,id=m0,size=512M
  -object memory-backend-ram,id=m1,size=512M
  -object memory-backend-ram,id=m2,size=256M)

# Node 1 is near, node 2 is far and small; neither has a CPU.
readonly distances=(
  -numa dist,src=0,dst=1,val=20
  -numa dist,src=0,dst=2,val=40
  -numa dist,src=1,dst=2,val=40)

# performance NODE NANOSECONDS BANDWIDTH: as CPUs of node 0 see the memory.
performance() {
  local common=hmat-lb,initiator=0,target=$1,hierarchy=memory
  qemu_options+=(
    -numa "$common,data-type=access-latency,latency=$2"
    -numa "$common,data-type=access-bandwidth,bandwidth=$3")
}

# Of the contract: what other devices leave to the host is the same in all of
# these machines, so that one of them will do.
readonly on_host_alone=GMEM_TEST_SUBJECT=host

# Sets machine, qemu_options and kernel_options, and needs_gmem.
choose_topology() {
  machine=q35
  kernel_options=()
  needs_gmem=no
  case $1 in
    three_nodes)
      qemu_options=("${three_memories[@]}"
        -numa node,nodeid=0,cpus=0-1,memdev=m0
        -numa node,nodeid=1,memdev=m1
        -numa node,nodeid=2,memdev=m2
        "${distances[@]}") ;;
    three_nodes_hmat)
      # What firmware says of speed contradicts the distances: the small,
      # distant node is the fastest.
      machine=q35,hmat=on
      qemu_options=("${three_memories[@]}"
        -numa node,nodeid=0,cpus=0-1,memdev=m0
        -numa node,nodeid=1,memdev=m1,initiator=0
        -numa node,nodeid=2,memdev=m2,initiator=0
        "${distances[@]}")
      performance 0 80 100G
      performance 1 300 20G
      performance 2 100 400G
      kernel_options=("$on_host_alone") ;;
    three_nodes_gmem)
      choose_topology three_nodes
      kernel_options=(gmem=on panic_on_warn=1)
      needs_gmem=yes ;;
    one_node)
      qemu_options=(-m 1280M)
      kernel_options=("$on_host_alone") ;;
    numa_off)
      choose_topology three_nodes
      kernel_options=(numa=off "$on_host_alone") ;;
    *)
      return 1 ;;
  esac
}
