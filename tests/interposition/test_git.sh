#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# git: init, add, commit, gc with threads, fsck, clone.
here=${GMEM_SRCDIR:?make check sets it}/tests/interposition
# shellcheck source=tests/interposition/tap.sh
. "$here/tap.sh"
# shellcheck source=tests/interposition/preload.sh
. "$here/preload.sh"

need_program git
export HOME=$work GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org
export GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@example.org
export GIT_AUTHOR_DATE='2020-01-01T00:00:00Z'
export GIT_COMMITTER_DATE='2020-01-01T00:00:00Z'

use_git() {
  local round file
  git -c init.defaultBranch=main init -q repository && cd repository || return
  for round in 1 2 3; do
    for file in {1..150}; do
      printf '%s\n' "$round" {1..200} "$file" >"file$file"
    done
    git add . && git commit -qm "round $round" || return
  done
  git -c pack.threads=4 gc -q --aggressive &&
    git fsck --full --strict --no-progress &&
    git log --stat --format=%H%n%s &&
    git grep -c 200 &&
    cd .. && git clone -q repository copy && git -C copy rev-parse HEAD &&
    git -C copy archive HEAD | cksum
}

same git git use_git
done_testing
