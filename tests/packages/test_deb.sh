#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# Debian's packages in a clean system: installed by name with apt from a local
# repository, used, upgraded, removed and purged.
# shellcheck source=tests/interposition/tap.sh
. "${GMEM_SRCDIR:?make check sets it}/tests/interposition/tap.sh"
# shellcheck source=tests/packages/clean_root.sh
. "$GMEM_SRCDIR/tests/packages/clean_root.sh"
# shellcheck source=tests/packages/uses.sh
. "$GMEM_SRCDIR/tests/packages/uses.sh"

directory=${GMEM_PACKAGES:?make check-packages sets it}/deb
[ -d "$directory" ] || skip_all 'there are no Debian packages'
need_program man
root=$work/root
unpack_root "$GMEM_PACKAGES/root.tar" "$root"

apt() {
  in_root "$root" env DEBIAN_FRONTEND=noninteractive \
    apt-get -q -y -o Dpkg::Options::=--force-unsafe-io "$@"
}
# The system's own lists are there already.
update_repository() {
  apt update -o Dir::Etc::SourceList=/etc/apt/repository.list \
    -o Dir::Etc::SourceParts=- -o APT::Get::List-Cleanup=0
}
offer() {
  (cd "$root/repository" && dpkg-scanpackages --multiversion . >Packages) &&
    update_repository
}
# Those of ours that dpkg has, or has not wholly forgotten.
known() {
  # shellcheck disable=SC2016  # dpkg-query expands
  in_root "$root" dpkg-query -W \
    -f '${db:Status-Abbrev}${Package} ${Version}\n' 'libgmem*' 'gmem*' \
    2>/dev/null | grep -v '^un' | sort
}

mapfile -t packages < <(find "$directory" -name '*.deb' \
  ! -name '*-dbgsym_*')
version=$(dpkg-deb -f "${packages[0]}" Version)
older=$version~before
# There is no release before the first: the same files under an older version.
make_older() {
  local package
  for package in "${packages[@]}"; do
    rm -rf "$work/package"
    dpkg-deb -R "$package" "$work/package" &&
      sed -i "s/$version/$older/" "$work/package/DEBIAN/control" &&
      dpkg-deb --root-owner-group -b "$work/package" "$root/repository" ||
      return
  done
}

mkdir "$root/repository"
echo 'deb [trusted=yes] file:/repository ./' >"$root/etc/apt/repository.list"
cp "$root/etc/apt/repository.list" "$root/etc/apt/sources.list.d/repository.list"
files_of_root "$root" >"$work/before"
ok 'an older version is offered' make_older
ok 'apt reads the repository' offer

expected() { printf 'ii %s '"$1"'\n' gmem-tools libgmem libgmem0; }
compile_loader "$root"

ok 'apt install libgmem' apt install libgmem
is "$(expected "$older")" "$(known)" 'library and tools are there, no more'
uses "$root" 'installed' "${version%-*}"

cp "${packages[@]}" "$root/repository"
ok 'a newer version is offered' offer
ok 'apt upgrade' apt upgrade
is "$(expected "$version")" "$(known)" 'all of it is upgraded'
uses "$root" 'upgraded' "${version%-*}"

# The tools' libnuma came with them.
ok 'apt remove' apt remove --autoremove libgmem libgmem0 gmem-tools
ok 'the library is not found any more' cannot_load "$root"
ok 'apt purge' apt purge 'libgmem.*' gmem-tools
rm "$root/load_by_name"
files_of_root "$root" >"$work/after"
ok 'nothing is left' same_files "$work/before" "$work/after"
is '' "$(known)" 'nor in the list of packages'

done_testing
