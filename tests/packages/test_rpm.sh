#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# The RPMs in a clean system: installed by name with dnf from a local
# repository, used, compiled with, upgraded and removed.  The system is
# Debian's with a package that makes it look like one of an RPM distribution,
# so it shows nothing about openEuler's or Fedora's own packages.
# shellcheck source=tests/interposition/tap.sh
. "${GMEM_SRCDIR:?make check sets it}/tests/interposition/tap.sh"
# shellcheck source=tests/packages/clean_root.sh
. "$GMEM_SRCDIR/tests/packages/clean_root.sh"
# shellcheck source=tests/packages/uses.sh
. "$GMEM_SRCDIR/tests/packages/uses.sh"

directory=${GMEM_PACKAGES:?make check-packages sets it}/rpm
[ -d "$directory" ] || skip_all 'there are no RPMs'
need_program dnf
need_program createrepo_c
need_program man
root=$work/root
unpack_root "$GMEM_PACKAGES/root.tar" "$root"

in_dnf() {
  dnf --quiet --assumeyes --refresh --installroot="$root" --releasever=1 \
    --setopt=reposdir=/dev/null --setopt=cachedir="$work/cache" \
    --setopt=logdir="$work" --nogpgcheck \
    --repofrompath="local,file://$work/repository" --repo=local "$@"
}
offer() {
  cp "$@" "$work/repository" && createrepo_c --quiet "$work/repository"
}
installed() {
  rpm --root "$root" -qa --qf '%{NAME} %{RELEASE}\n' 'libgmem*' | sort
}

mapfile -t packages < <(find "$directory" -name '*.rpm' ! -name '*.src.rpm' \
  ! -name '*-debug*')
version=$(rpm -qp --qf '%{VERSION}' "${packages[0]}")
release=$(rpm -qp --qf '%{RELEASE}' "${packages[0]}")
# The distribution's part, the .fc42, is added again.
number=${release%%.*}
newer=$number.1${release#"$number"}
make_newer() {
  "$GMEM_SRCDIR/scripts/build-rpm" --no-install --again "$number.1" \
    --output "$work/newer"
}

# What the packages need of others, which the root's packages have without
# knowing RPM's names for it.
needs_of_packages() {
  comm -23 <(rpm -qp --requires "$@" | grep -v '^rpmlib(' | sort -u) \
    <(rpm -qp --provides "$@" | sort -u)
}
# The loader's path, the calls of ldconfig and the directories are those of the
# C library's, pkg-config's and "filesystem" on openEuler and Fedora.
describe_system() {
  cat <<EOT
Name: system
Version: 1
Release: 1
Summary: The root's packages under the names that RPMs know
License: MulanPSL-2.0
Provides: /bin/sh
$(needs_of_packages "$@" | sed 's/^/Provides: /')
%description
%summary
%install
cd %{buildroot}
mkdir -p etc/ld.so.conf.d .%{_libdir}/pkgconfig .%{_datadir}/licenses
echo %{_libdir} >etc/ld.so.conf.d/lib64.conf
%files
/etc/ld.so.conf.d/lib64.conf
%dir %{_libdir}/pkgconfig
%dir %{_datadir}/licenses
%transfiletriggerin -- %{_libdir}
/sbin/ldconfig
%transfiletriggerpostun -- %{_libdir}
/sbin/ldconfig
EOT
}
make_system() {
  describe_system "${packages[@]}" >"$work/system.spec" &&
    rpmbuild -bb --quiet --define "_topdir $work/system" "$work/system.spec" &&
    mv "$work"/system/RPMS/*/*.rpm "$work/repository"
}

verifies() { rpm --root "$root" --verify "$@"; }

compile_loader "$root"
mkdir "$work/repository"
ok 'the tools'\'' libnuma is there' \
  in_root "$root" apt-get -q -y --no-install-recommends install libnuma1
ok 'a package for the system is made' make_system
ok 'the packages are offered' offer "${packages[@]}"
ok 'the system is one of RPMs' in_dnf install system
files_of_root "$root" >"$work/before"

ok 'dnf install libgmem' in_dnf install libgmem
is "libgmem $release"$'\n'"libgmem-tools $release" "$(installed)" \
  'library and tools are there, no more'
ok 'all is as it was packaged' verifies libgmem libgmem-tools
uses "$root" 'installed' "$version"

compile_first_program() {
  local libdir flags
  libdir=$root$(rpm --eval '%{_libdir}')
  flags=$(PKG_CONFIG_LIBDIR=$libdir/pkgconfig PKG_CONFIG_SYSROOT_DIR=$root \
    pkg-config --cflags --libs libgmem) || return
  # shellcheck disable=SC2086  # several flags
  "${CC:-cc}" "$GMEM_SRCDIR/examples/first_program.c" \
    -o "$root/first_program" $flags
}
ok 'dnf install libgmem-devel' in_dnf install libgmem-devel
ok 'a program is compiled with it' compile_first_program
ok 'and runs' in_root "$root" /first_program

ok 'newer packages are made' make_newer
ok 'and offered' offer "$work"/newer/*.rpm
ok 'dnf upgrade' in_dnf upgrade
is "libgmem $newer"$'\n'"libgmem-devel $newer"$'\n'"libgmem-tools $newer" \
  "$(installed)" 'all of it is upgraded'
ok 'all is as it was packaged, still' \
  verifies libgmem libgmem-devel libgmem-tools
uses "$root" 'upgraded' "$version"
ok 'the program compiled before runs on' in_root "$root" /first_program

ok 'dnf remove libgmem' in_dnf remove libgmem
ok 'the library is not found any more' cannot_load "$root"
is '' "$(installed)" 'what needs it went with it'
rm -f "$root/first_program"
files_of_root "$root" >"$work/after"
ok 'nothing is left' same_files "$work/before" "$work/after"

done_testing
