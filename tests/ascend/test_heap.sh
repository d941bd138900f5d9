#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# test_heap on each kernel.
# shellcheck source=tests/interposition/tap.sh
source "${GMEM_SRCDIR:?make check sets it}/tests/interposition/tap.sh"
# shellcheck source=tests/ascend/on_kernels.sh
source "$GMEM_SRCDIR/tests/ascend/on_kernels.sh"
program=$GMEM_BUILDDIR/tests/ascend/test_heap
# What is freed goes back at once, so that the tests need not wait for it.
conf=decay:0

for generation in 6.4 6.6 newest; do
  run_on "generation=$generation" $conf "$program" peer-shared
  run_on "generation=$generation" $conf "$program" 'device file'
  run_on "generation=$generation,on=no" $conf "$program" ordinary
  # EACCES, ENOENT
  run_on "generation=$generation,open_error=13" $conf "$program" ordinary
  run_on "generation=$generation,open_error=2" $conf "$program" ordinary
  run_on "generation=$generation" $conf,device:host "$program" ordinary
done
# The device's own node, which the library has not met yet.
run_on generation=6.6 $conf,heap_node:40 "$program" peer-shared
run_on generation=newest,attached=no $conf "$program" 'before a device'
run_on generation=newest,attached=no $conf "$program" ordinary
run_on none $conf "$program" ordinary
done_testing
