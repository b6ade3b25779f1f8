#!/usr/bin/env bash
# Builds kmemtop and runs it; arguments are passed on.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/scripts/install.sh"

require_swift
require /usr/include/curses.h=libncurses-dev
# Not to the terminal: there SwiftPM asks for coloured diagnostics, and takes that for another build of everything.
swift build --package-path "$root" -c release --product kmemtop --quiet 2>&1 | cat >&2
exec "$(swift build --package-path "$root" -c release --show-bin-path)/kmemtop" "$@"
