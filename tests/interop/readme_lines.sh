#!/usr/bin/env bash
# The first experience: each server starts by itself, and every `curl` line that it prints, run
# word for word, has the status that it promises:
#
#   tests/interop/readme_lines.sh [SERVER...]
#
# SERVER is the path of a built `orders_axum`, `orders_actix`, `orders_tower` or short example;
# without one, those servers of the orders API that are found in the target folder. Needs curl.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=tests/interop/harness.sh
. tests/interop/harness.sh

main() {
    local server
    servers "$@"
    for server in "${SERVERS[@]}"; do
        if serve "$(basename "$server")" "$server"; then
            run_lines "$(basename "$server")" <"$LOG"
            stop "$PID"
        fi
    done
    close
}

# run_lines NAME: runs each `curl` line at standard input. What is promised stands above it:
# `# what: STATUS`.
run_lines() {
    local line promise="" lines=0 least=2
    if [[ $1 == orders_* ]]; then
        least=10
    fi
    while IFS= read -r line; do
        case $line in
            '# '*)
                promise=${line#'# '}
                ;;
            'curl -i'*)
                lines=$((lines + 1))
                check "$1: $promise" status "${promise##*: }" "$(run_line "$line" | status)"
                ;;
            'curl '*)
                check "$1: $promise" "prints a token" yes \
                    "$(run_line "$line" | grep -c '"access_token":"' | sed 's/^1$/yes/')"
                ;;
        esac
    done
    check "$1: at least $least lines are printed" enough yes \
        "$( ((lines >= least)) && echo yes || echo "no, $lines")"
}

# run_line LINE: as somebody does who pastes it into a shell.
run_line() {
    timeout 10 bash -c "$1" 2>/dev/null </dev/null
}

# Prints the status of the answer at standard input.
status() {
    sed -n '1s/^HTTP[^ ]* \([0-9]*\).*/\1/p'
}

main "$@"
