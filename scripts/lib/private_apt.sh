# SPDX-License-Identifier: MulanPSL-2.0
# shellcheck shell=bash
# apt with package lists of its own, so that the system's stay untouched and
# packages can be had as files without being installed.  Sourced.

# use_private_apt DIR [SUITE | deb-src | ''] [ARCHITECTURE]: private_apt works
# below DIR from now on; with the system's sources, with another suite of the
# archive that the system's release comes from, or with the system's sources
# taken as sources of source packages, those of later suites among them; with
# packages of the system's architecture or of another one.
use_private_apt() {
  local directory=$1 other=${2:-} architecture=${3:-} sources=/etc/apt
  command -v apt-get >/dev/null || {
    echo 'there is no apt here' >&2
    return 1
  }
  mkdir -p "$directory/lists/partial" "$directory/cache/archives/partial"
  if [ -n "$other" ]; then
    sources=$directory
    mkdir -p "$directory/sources.list.d"
    if [ "$other" = deb-src ]; then
      source_package_sources "$directory/sources.list.d"
    else
      sources_of_suite "$other" "$directory/sources.list.d"
    fi
  fi
  private_apt_options=(-q
    -o Dir::Etc::SourceList="$sources/sources.list"
    -o Dir::Etc::SourceParts="$sources/sources.list.d"
    -o Dir::State::Lists="$directory/lists"
    -o Dir::Cache="$directory/cache"
    -o Acquire::Retries=2 -o Acquire::http::Timeout=30
    -o Acquire::https::Timeout=30
    -o APT::Sandbox::User=root)
  # Who asks for sources knows their checksums: an index that a mirror has not
  # renewed in time is as good as any.
  [ "$other" != deb-src ] ||
    private_apt_options+=(-o Acquire::Check-Valid-Until=false)
  [ -z "$architecture" ] || private_apt_options+=(
    -o APT::Architecture="$architecture"
    -o APT::Architectures="$architecture")
  # One source out of order must not keep the others from being used.
  private_apt apt-get update || true
}

# private_apt apt-get|apt-cache ARGUMENT...
private_apt() {
  local program=$1
  shift
  "$program" "${private_apt_options[@]}" "$@"
}

# The system's entries, in apt's older or newer format, for source packages; and
# those for its own release once more for the suites that become later ones.
source_package_sources() {
  local directory=$1 later entry
  local entries=$directory/../suite
  for later in $(later_suites); do
    rm -rf "$entries" && mkdir "$entries" || return
    sources_of_suite "$later" "$entries"
    for entry in "$entries"/*; do
      [ ! -e "$entry" ] ||
        sed 's/^Types:.*/Types: deb-src/; s/^deb /deb-src /' "$entry" \
          >"$directory/$later-${entry##*/}"
    done
  done
  for entry in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
    [ -r "$entry" ] || continue
    case $entry in
      *.sources)
        sed 's/^Types:.*/Types: deb-src/' "$entry" \
          >"$directory/${entry##*/}" ;;
      *.list)
        sed -n 's/^deb /deb-src /p' "$entry" >"$directory/${entry##*/}" ;;
    esac
  done
}

later_suites() (
  . /etc/os-release
  case ${ID:-} in
    debian) echo testing unstable ;;
    ubuntu) echo devel ;;
  esac
)

system_release() (. /etc/os-release && echo "${VERSION_CODENAME:-unknown}")

# The system's entries for its own release, in apt's older or newer format,
# rewritten to name the suite.
sources_of_suite() {
  local suite=$1 directory=$2 release entry
  release=$(system_release)
  for entry in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
    case $entry in
      *.sources)
        awk -v RS= -v ORS='\n\n' -v release="$release" -v suite="$suite" '
          $0 ~ "\nSuites:[^\n]*[ \t]" release "([ \t\n]|$)" {
            sub(/\nSuites:[^\n]*/, "\nSuites: " suite)
            print
          }' "$entry" >"$directory/${entry##*/}" ;;
      *.list)
        [ -r "$entry" ] || continue
        sed -nE "s/^(deb .*[[:blank:]])$release([[:blank:]])/\\1$suite\\2/p" \
          "$entry" >"$directory/${entry##*/}" ;;
    esac
  done
}
