#!/usr/bin/env bash
# Runs every benchmark, one after the other, and writes what they print into README.md, each between its
# own two marks; draws chart.svg.
#
#   benches/run.sh             all of them, a quarter of an hour and the time to build
#   benches/run.sh NAME...     these alone, by the names of their marks
#
# Needs valgrind, wrk, and for the peers Node and OpenSSL's headers.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

NAMES=(machine peers first_sight layers threads size flood storm wire instructions)
BIN=${CARGO_TARGET_DIR:-target}/release
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

main() {
    local name
    build
    for name in "${@:-${NAMES[@]}}"; do
        printf '\n=== %s\n' "$name" >&2
        "run_$name" | tee "$WORK/$name" >&2
        fill "$name"
    done
}

# The peers' features change what others are built with; the programs without peers are built after.
build() {
    npm ci --prefix node
    cargo build --release --locked --features peers --bin peers --bin wire --bin wire_server
    mkdir "$WORK/with-peers"
    cp "$BIN"/{peers,wire,wire_server} "$WORK/with-peers"
    cargo build --release --locked
}

run_machine() {
    local model
    model=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | sort | uniq -c | sed 's/^ *\([0-9]*\) /\1 × /')
    echo "$model; $(uname -sr); $(rustc --version); cargo's default release profile."
}

run_peers() {
    "$WORK/with-peers/peers" 500 chart.svg
}

run_first_sight() {
    "$BIN/first_sight" 1000
}

run_threads() {
    "$BIN/threads" 100
}

run_wire() {
    "$WORK/with-peers/wire" 10 10
}

run_instructions() {
    echo '```text'
    ./instructions.sh --record
    echo '```'
}

# fill NAME: puts the output between `<!-- NAME -->` and `<!-- end -->`.
fill() {
    awk -v name="$1" -v output="$WORK/$1" '
        $0 == "<!-- end -->" { inside = 0 }
        !inside { print }
        $0 == "<!-- " name " -->" {
            inside = 1; found = 1
            print ""
            while ((getline line < output) > 0) print line
            print ""
        }
        END { exit !found }' README.md >"$WORK/README.md"
    cp "$WORK/README.md" README.md
}

run_layers() {
    "$BIN/layers"
}

run_size() {
    "$BIN/size"
}

run_flood() {
    "$BIN/flood"
}

run_storm() {
    "$BIN/storm"
}

main "$@"
