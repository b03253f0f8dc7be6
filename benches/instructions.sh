#!/usr/bin/env bash
# Counts the instructions of a token's first sight and of a token seen before, and compares them with
# those in instructions.txt.
#
#   benches/instructions.sh             fails if one has risen by more than 3 %
#   benches/instructions.sh --record    writes the file
#
# Needs valgrind. Times of a shared machine cannot hold a limit of a few per cent; counts can. The bare
# check and the bare router are counted too: where they differ from those in the file, machine or
# libraries do, and there is nothing to compare with.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

PROGRAM=${CARGO_TARGET_DIR:-target}/release/first_sight
RECORD=instructions.txt
# Per cent.
MOST_RISE=3
MOST_DIFFERENCE=1

WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

declare -A COUNT

main() {
    local contender
    cargo build --release --locked --bin first_sight
    for contender in bare router core axum core-again axum-again; do
        COUNT[$contender]=$(count "$contender")
    done
    lines >"$WORK/now"
    if [[ ${1-} == --record ]]; then
        cp "$WORK/now" "$RECORD"
        cat "$RECORD"
    else
        compare
    fi
}

# count CONTENDER: prints how many instructions one run takes with RS256. Counting begins and ends with
# each run, so that keys and start-up are not in it.
count() {
    local runs=400 output
    output=$(valgrind --tool=callgrind --callgrind-out-file=/dev/null \
        --toggle-collect='*Contender*once*' "$PROGRAM" --once "$runs" "$1" RS256 2>&1)
    awk -v runs="$runs" '/Collected/ { printf "%d\n", $NF / runs }' <<<"$output"
}

# Prints what is recorded: a name and a count a line. Of a first sight it is what comes on top of the
# check and the router.
lines() {
    cat <<END
bare-check ${COUNT[bare]}
bare-router ${COUNT[router]}
core-first-sight $((COUNT[core] - COUNT[bare]))
axum-first-sight $((COUNT[axum] - COUNT[bare] - COUNT[router]))
core-seen-before ${COUNT[core-again]}
axum-seen-before $((COUNT[axum-again] - COUNT[router]))
END
}

compare() {
    join "$RECORD" "$WORK/now" --nocheck-order | awk -v rise="$MOST_RISE" -v difference="$MOST_DIFFERENCE" '
        { change = 100 * ($3 - $2) / $2; printf "%-18s %8d -> %8d  %+.2f %%\n", $1, $2, $3, change }
        /^bare-/ && (change > difference || change < -difference) { other = 1 }
        !/^bare-/ && change > rise { risen = 1 }
        END {
            if (NR != 6) { print "instructions.txt is not whole."; exit 1 }
            if (other) { print "Another machine or other libraries: NOT COMPARED."; exit 0 }
            if (risen) { print "A count has risen by more than " rise " %."; exit 1 }
        }'
}

main "$@"
