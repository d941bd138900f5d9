#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# The udev rule: udev can read it, it says what it should, and it is installed
# where configure was told, with the device that needs it.
here=${GMEM_SRCDIR:?make check sets it}/tests/interposition
# shellcheck source=tests/interposition/tap.sh
. "$here/tap.sh"
name=60-libgmem.rules
file=$GMEM_SRCDIR/data/$name

if udevadm verify --help >/dev/null 2>&1; then
  ok 'udevadm verify' udevadm verify --resolve-names=never "$file"
else
  skip 'udevadm verify' 'there is no udevadm that verifies'
fi

# The file has one rule: its parts, one a line, without comments.
parts=$(sed -e '/^#/d' -e ':join; /\\$/ { N; s/\\\n//; b join }' "$file" |
  sed 's/, */\n/g')
has() { grep -qxF -- "$1" <<<"$parts"; }
key='[A-Z]+(\{[^}]+\})?'
is '' "$(grep -vxE " *$key *(==|!=|\+=|:=|=) *\"[^\"]*\"" <<<"$parts")" \
  'each part is a key, an operator and a quoted value'
ok 'for the device file of GMEM' has 'KERNEL=="gmem"'
ok 'which is a misc device' has 'SUBSYSTEM=="misc"'
ok 'its group may read and write' has 'MODE="0660"'
ok 'no group is looked up at boot' not grep -q '^\(GROUP\|OWNER\)' <<<"$parts"

program=$(sed -n 's/^RUN+="\([^ "]*\).*/\1/p' <<<"$parts")
ok "$program, which it runs, is there" test -x "$program"
ok 'it runs that on the device file, for the group of the driver' \
  has "RUN+=\"$program HwHiAiUser \$devnode\""

# As udev runs it where the group is missing, and where it is not.
give_group() {
  local command
  command=$(sed -n 's/^RUN+="\(.*\)"$/\1/p' <<<"$parts")
  command=${command/HwHiAiUser/$1}
  ${command/\$devnode/$2}
}
touch "$work/gmem"
before=$(stat -c %g "$work/gmem")
ok 'a missing group is an error' not give_group no_such_group "$work/gmem"
is "$before" "$(stat -c %g "$work/gmem")" 'and changes nothing'
own=$(id -G | tr ' ' '\n' | tail -n 1)
ok 'a group that is there gets it' give_group "$own" "$work/gmem"
is "$own" "$(stat -c %g "$work/gmem")" 'and has it'

# make check's own settings are not for the make within.
unset MAKEFLAGS MFLAGS MAKELEVEL
# shellcheck disable=SC2016  # make expands
setting() {
  make -s -C "$GMEM_BUILDDIR" --no-print-directory \
    --eval='show: ; @echo $('"$1"')' show
}
expected=
if grep -qw ascend <<<"$(setting GMEM_DEVICE_LIST)" &&
  [ -n "$(setting udevrulesdir)" ]; then
  expected=$work/root$(setting udevrulesdir)/$name
fi
ok 'make install-data' \
  make -C "$GMEM_BUILDDIR" install-data DESTDIR="$work/root"
is "$expected" "$(find "$work/root" -name '*.rules')" \
  'it is installed with the device "ascend" alone, where configure was told'
done_testing
