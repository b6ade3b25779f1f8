#!/usr/bin/env bash
# Measures kmemtop against other ways of doing its work, and prints the tables of docs/benchmarks.md.
#
#   --quick   only the small heaps, few of the programs
#   --write   write docs/benchmarks.md, too
#
# KMEMTOP_CAPTURES names the folder of kernel-6.1-87k.kmemcore.xz, a capture of a real kernel; without it that heap is left out.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/scripts/install.sh"

quick=false write=false
for argument in "$@"; do
    case $argument in
        --quick) quick=true ;;
        --write) write=true ;;
        *) echo "usage: benchmark.sh [--quick] [--write]" >&2; exit 2 ;;
    esac
done

require_swift
require /usr/include/curses.h=libncurses-dev /usr/include/gc/gc.h=libgc-dev /usr/bin/xz=xz-utils
export KMEMTOP_BENCHMARKS=1
scratch=$root/.build-benchmarks
swift build --package-path "$root" --scratch-path "$scratch" -c release >&2
export KMEMTOP_PROGRAMS KMEMTOP_HEAPS=$scratch/heaps XDG_CONFIG_HOME=$scratch/settings
KMEMTOP_PROGRAMS=$(swift build --package-path "$root" --scratch-path "$scratch" -c release --show-bin-path)

# The heaps: the only place where they come from.
generate() { "$KMEMTOP_PROGRAMS/kmemtop" generate --objects "$2" --seed 1 -o "$KMEMTOP_HEAPS/$1.kmemcore"; }
rm -rf "$KMEMTOP_HEAPS"
mkdir -p "$KMEMTOP_HEAPS"
generate 10k 10000
generate 100k 100000
if ! $quick; then
    generate 1M 1000000
    generate 5M 5000000
fi
capture=${KMEMTOP_CAPTURES:-$root/captures}/kernel-6.1-87k.kmemcore.xz
if [ -e "$capture" ]; then
    xz -dkc "$capture" > "$KMEMTOP_HEAPS/87k.kmemcore"
else
    echo "no $capture: without the capture of a real kernel (KMEMTOP_CAPTURES)" >&2
fi

results=$scratch/results
rm -rf "$results"
mkdir -p "$results"
for target in ScanBenchmarks ScreenBenchmarks ProcessBenchmarks; do
    swift package --package-path "$root" --scratch-path "$scratch" --allow-writing-to-directory "$results" \
        benchmark --target "$target" --no-progress --format jmh --path "$results" >&2
    mv "$results/Current_run.jmh.json" "$results/$target.jmh.json"
done
for heap in "$KMEMTOP_HEAPS"/*.kmemcore; do
    "$KMEMTOP_PROGRAMS/MemoryUse" "$heap" 2 > "$results/memory-$(basename "$heap" .kmemcore).json"
done

{
    echo "- $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) cores, $(awk '/MemTotal/ { printf "%.0f GB", $2 / 1e6 }' /proc/meminfo) of memory"
    echo "- Linux $(uname -r) on $(uname -m)"
    echo "- $(swift --version 2>/dev/null | grep -oE 'Swift version [0-9.]+'), $(clang --version | grep -oE 'clang version [0-9.]+') for the C parts, both with optimisation (\`-c release\`)"
    echo "- libgc $(dpkg-query -W -f '${Version}' libgc-dev 2>/dev/null || echo 'of an unknown version'), $(date -u +%Y-%m-%d)"
} > "$results/machine.md"
"$KMEMTOP_PROGRAMS/BenchmarkTable" "$results" | tee "$results/benchmarks.md"
if $write; then cp "$results/benchmarks.md" "$root/docs/benchmarks.md"; fi
