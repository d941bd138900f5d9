#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# test_fork on each kernel.
# shellcheck source=tests/interposition/tap.sh
source "${GMEM_SRCDIR:?make check sets it}/tests/interposition/tap.sh"
# shellcheck source=tests/ascend/on_kernels.sh
source "$GMEM_SRCDIR/tests/ascend/on_kernels.sh"
program=$GMEM_BUILDDIR/tests/ascend/test_fork

for generation in 6.4 6.6 newest; do
  run_on "generation=$generation" '' "$program" home
  run_on "generation=$generation,attached=no" '' "$program" 'no device'
  CK_FORK=no run_on "generation=$generation" fork:exclude "$program" excluded
done
done_testing
