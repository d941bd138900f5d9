#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# One version, wherever it stands; and scripts/set-version, which writes it.
# shellcheck source=tests/interposition/tap.sh
. "${GMEM_SRCDIR:?make check sets it}/tests/interposition/tap.sh"

# Packages' changelogs are not in the release's tarball, and where a
# distribution adds its own, that is not ours to judge.
[ -e "$GMEM_SRCDIR/.gitignore" ] ||
  skip_all 'this is not a checkout of the repository'

# What a tree says of itself, file by file.
of_configure() { sed -n 's/^AC_INIT(\[libgmem\], \[\([^]]*\).*/\1/p' "$1/configure.ac"; }
of_news() { sed -n 3p "$1/NEWS"; }
of_debian() { head -n 1 "$1/debian/changelog"; }
debian_day() { sed -n '/^ -- /{s/.*>  //; s/ [0-9][0-9]:.*//; p; q}' "$1/debian/changelog"; }
of_spec() { sed -n 's/^Version: *//p' "$1/rpm/libgmem.spec"; }
spec_entry() { sed -n '/^%changelog/{n; p}' "$1/rpm/libgmem.spec"; }
entries() { grep -c '^libgmem (\|^\* [A-Z]' "$1"; }

version=$(of_configure "$GMEM_SRCDIR")
is "$version" "$(sed -n 's/.*PACKAGE_VERSION "\(.*\)"/\1/p' "$GMEM_BUILDDIR/config.h")" \
  'the build has the version from configure.ac'
is "$version" "$(of_news "$GMEM_SRCDIR" | cut -d' ' -f1)" 'NEWS'
is "libgmem ($version" "$(of_debian "$GMEM_SRCDIR" | cut -d- -f1)" \
  "Debian's changelog"
is "$version" "$(of_spec "$GMEM_SRCDIR")" 'the spec'
is "$version" "$(spec_entry "$GMEM_SRCDIR" | sed 's/.* - //; s/-[^-]*$//')" \
  "the spec's changelog"
for tool in gmemrun gmeminfo; do
  is "$version" "$("$GMEM_BUILDDIR/$tool" --version | grep -oE '[0-9]+\.[0-9.]+')" \
    "$tool --version"
done

tree=$work/tree
mkdir -p "$tree/scripts" "$tree/debian" "$tree/rpm"
cp "$GMEM_SRCDIR/scripts/set-version" "$tree/scripts"
for file in configure.ac NEWS debian/changelog rpm/libgmem.spec; do
  cp "$GMEM_SRCDIR/$file" "$tree/$file"
done
set_version() { "$tree/scripts/set-version" "$@"; }
says() {
  is "$2" "$(of_configure "$tree")" "$1: configure.ac"
  is "$2 ($3)" "$(of_news "$tree")" "$1: NEWS"
  is "libgmem ($2-1) $4; urgency=medium" "$(of_debian "$tree")" \
    "$1: Debian's changelog"
  is "$2" "$(of_spec "$tree")" "$1: the spec"
}
dated() {
  is "$2" "$(debian_day "$tree")" "$1: its day for Debian"
  is "* $3 libgmem maintainers <libgmem@example.org> - $4-1" \
    "$(spec_entry "$tree")" "$1: its day for RPM"
}
counts() {
  is "$2" "$(entries "$tree/debian/changelog")" "$1: entries for Debian"
  is "$2" "$(entries "$tree/rpm/libgmem.spec")" "$1: entries for RPM"
}

first=$(entries "$tree/debian/changelog")
ok 'this version is released' set_version "$version" 2031-02-03
says 'released' "$version" 2031-02-03 unstable
dated 'released' 'Mon, 03 Feb 2031' 'Mon Feb 03 2031' "$version"
counts 'released' "$first"
ok 'another one is begun' set_version 987.6.5
says 'begun' 987.6.5 'not released yet' UNRELEASED
counts 'begun' $((first + 1))
ok 'and released' set_version 987.6.5 2032-02-29
says 'released, too' 987.6.5 2032-02-29 unstable
dated 'released, too' 'Sun, 29 Feb 2032' 'Sun Feb 29 2032' 987.6.5
counts 'released, too' $((first + 1))
is "$version (2031-02-03)" "$(sed -n 5p "$tree/NEWS")" \
  'the entry before stays as it was'

if command -v dpkg-parsechangelog >/dev/null; then
  is '' "$(dpkg-parsechangelog --all -l "$tree/debian/changelog" 2>&1 >/dev/null)" \
    'dpkg reads the changelog without a word'
else
  skip 'dpkg reads the changelog without a word' 'there is no dpkg-parsechangelog'
fi

status_of() {
  "$tree/scripts/set-version" "$@" >/dev/null 2>&1
  echo $?
}
for wrong in '' 1.2 1.2.3-1 '1.2.3 2032-02-30' '1.2.3 tomorrow' '1.2.3 2032-01-01 x'; do
  # shellcheck disable=SC2086  # several arguments
  is 2 "$(status_of $wrong)" "refused: \"$wrong\""
done
done_testing
