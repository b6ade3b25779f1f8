#!/usr/bin/env bash
# Runs all tests; arguments are passed on to `swift test`.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/scripts/install.sh"

require_swift
require /usr/include/curses.h=libncurses-dev /usr/include/vterm.h=libvterm-dev /usr/bin/xz=xz-utils /usr/bin/tic=ncurses-bin \
    /usr/bin/mandoc=mandoc
# The manifest looks for vterm.h; a manifest read before it was installed must not be remembered.
swift build --package-path "$root" --manifest-cache none --build-tests
if [ ! -d "$(swift build --package-path "$root" --show-bin-path)/TerminalTests.build" ]; then
    echo "the screen tests were not built although libvterm is installed" >&2
    exit 1
fi
swift test --package-path "$root" --manifest-cache none --skip-build "$@"
