# SPDX-License-Identifier: MulanPSL-2.0
# shellcheck shell=bash
# bash's completion of gmeminfo's options.
complete -W '--json --help --version' gmeminfo
