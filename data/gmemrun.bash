# SPDX-License-Identifier: MulanPSL-2.0
# shellcheck shell=bash
# bash's completion of gmemrun's command line: its options, nodes behind
# --node, then the command and its own arguments.
_gmemrun() {
  local at=1 word=${COMP_WORDS[COMP_CWORD]} node
  while [ "$at" -lt "$COMP_CWORD" ]; do
    case ${COMP_WORDS[at]} in
      --node) at=$((at + 2)) ;;
      --) at=$((at + 1)); break ;;
      -*) at=$((at + 1)) ;;
      *) break ;;
    esac
  done
  if [ "$at" -gt "$COMP_CWORD" ]; then
    COMPREPLY=()
    for node in /sys/devices/system/node/node[0-9]*; do
      COMPREPLY+=("${node##*node}")
    done
    mapfile -t COMPREPLY < <(compgen -W "${COMPREPLY[*]}" -- "$word")
  elif [ "$at" -lt "$COMP_CWORD" ] && declare -F _command_offset >/dev/null; then
    _command_offset "$at"
  elif [[ $word == -* ]]; then
    mapfile -t COMPREPLY < <(
      compgen -W '--node --stats --plain --help --version' -- "$word")
  else
    mapfile -t COMPREPLY < <(compgen -c -- "$word")
  fi
}
complete -o default -F _gmemrun gmemrun
