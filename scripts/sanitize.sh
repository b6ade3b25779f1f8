#!/usr/bin/env bash
# Runs the tests of the engine under the address and the thread sanitizer. A test that breaks the rules of either fails.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/scripts/install.sh"
require_swift
require /usr/include/curses.h=libncurses-dev

engine='ScannerTests.(EngineTests|ExtractionTests|GeneratedHeapTests|RandomHeapTests|RankResolverTests|ExplainChainTests|ExplainReferencesTests|WhatIfTests)'
suppressions=$(mktemp)
trap 'rm -f "$suppressions"' EXIT
# The runner of the tests never frees what it begins with; and the tables of the scenarios' syntax, which live as long as the
# process, have boxes behind pointers with tags, which the leak checker does not follow.
printf 'leak:%s\n' libXCTest ScenarioSyntax > "$suppressions"
export LSAN_OPTIONS=suppressions=$suppressions:print_suppressions=0

sanitize() { swift test --package-path "$root" --scratch-path "$root/.build-$1" --sanitize="$1" --filter "$2" "${@:3}"; }
sanitize address "$engine"
# Filters go over objects on several threads. One test at a time: they share machines behind a Mutex, which the sanitizer does not
# know, and which live as long as the process.
sanitize thread "$engine"
sanitize thread InspectorTests.ObjectOrderTests --no-parallel
