#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# What bash offers behind the tools' names.
# shellcheck source=tests/interposition/tap.sh
. "${GMEM_SRCDIR:?make check sets it}/tests/interposition/tap.sh"
# shellcheck source=data/gmemrun.bash
. "$GMEM_SRCDIR/data/gmemrun.bash"
# shellcheck source=data/gmeminfo.bash
. "$GMEM_SRCDIR/data/gmeminfo.bash"

# offered WORD...: for the last word of a command line of gmemrun's.
offered() {
  COMP_WORDS=(gmemrun "$@") COMP_CWORD=$# COMPREPLY=()
  _gmemrun
  printf '%s ' "${COMPREPLY[@]}"
}

is '--node --stats --plain --help --version ' "$(offered -)" 'the options'
is '--stats ' "$(offered --node 0 --s)" 'an option behind a node'
if [ -d /sys/devices/system/node/node0 ]; then
  is '0 ' "$(offered --node 0)" 'a node behind --node'
else
  skip 'a node behind --node' 'the kernel has no NUMA'
fi
is 'gmemrun-command ' "$(
  gmemrun-command() { :; }
  offered --stats gmemrun-comm)" 'a command behind the options'
_command_offset() { COMPREPLY=("offset $1"); }
is 'offset 3 ' "$(offered --node 0 ls -)" "a command's own argument"
is 'offset 2 ' "$(offered -- ls -)" "an argument behind --"
for tool in gmemrun gmeminfo; do
  for option in $("$GMEM_BUILDDIR/$tool" --help | grep -oE '^ +--[a-z]+'); do
    ok "$tool $option is offered" \
      grep -q -e "$option" "$GMEM_SRCDIR/data/$tool.bash"
  done
done
done_testing
