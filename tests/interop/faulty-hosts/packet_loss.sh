#!/usr/bin/env bash
# The part of faulty_hosts.sh that loses packets between the servers and their issuer. Switches
# packet filters, so it runs in a network namespace of its own, and nowhere else:
#
#   unshare -n packet_loss.sh OUTSIDE SERVER...
#
# OUTSIDE is what /proc/self/ns/net is without it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
# shellcheck source=tests/interop/harness.sh
. tests/interop/harness.sh
# shellcheck source=tests/interop/faulty-hosts/phases.sh
. tests/interop/faulty-hosts/phases.sh
# shellcheck source=tests/interop/faulty-hosts/packages.sh
. tests/interop/faulty-hosts/packages.sh

FOLDER=tests/interop/faulty-hosts
# Servers of each kind: what chance decides is to be seen more than once.
TIMES=5
REQUESTS=40

main() {
    local server time outside=$1
    shift
    if [[ $(readlink /proc/self/ns/net) == "$outside" ]]; then
        echo "not in a network namespace of its own" >&2
        exit 1
    fi
    python3 "$FOLDER/loopback_up.py"
    packaged nft
    PORT=$(free_port)
    RESERVED+=("$PORT")
    try_to_lose
    start_host
    for server in "$@"; do
        for ((time = 1; time <= TIMES; time++)); do
            begin "$(basename "$server") $time, all packets lost" "$server" "$PORT" "$WORK/host"
        done
    done
    check_without_keys
    check_logs
    lose 10
    check_recovery
    check_loss
    lose 100
    check_outage
    close
}

# Loses all packets, unless the kernel has no means to; then the suite says so and ends.
try_to_lose() {
    if lose 100; then
        return
    elif grep -qE 'Could not process rule|not permitted|cache initialization failed' "$WORK/nft"; then
        skip "packet loss" "the kernel filters no packets: $(head -n 1 "$WORK/nft")"
        exit "$SKIPPED"
    fi
    cat "$WORK/nft" >&2
    exit 1
}

# Starts the host, which is well.
start_host() {
    node "$FOLDER/issuer.mjs" "$WORK" host="$PORT"
    start "$WORK/raw" python3 "$FOLDER/raw_hosts.py" "$WORK" host="$PORT"
    await "$PID" grep -q listening "$WORK/raw"
}

# lose PERCENT: of the packets to and from the host, by chance, from now on.
lose() {
    local share="numgen random mod 100 < $1"
    if (($1 == 100)); then
        share=""
    fi
    "${PACKAGED[@]}" -f - >"$WORK/nft" 2>&1 <<END
table inet lossy
delete table inet lossy
table inet lossy {
    chain arriving {
        type filter hook input priority 0;
        tcp dport $PORT $share counter drop
        tcp sport $PORT $share counter drop
    }
}
END
}

# check_logs: the servers have told why there are no keys.
check_logs() {
    local name
    for name in "${CASES[@]}"; do
        check_log "$name" "no connection|no complete answer in time|took too long to answer"
    done
}

# check_loss: packets are lost indeed, and requests are not. Otherwise the suite would prove less
# than it says.
check_loss() {
    local request requests=() lost=no
    for ((request = 0; request < REQUESTS; request++)); do
        curl -sf -o "$WORK/keys" --max-time 15 "http://127.0.0.1:$PORT/keys" &
        requests+=("$!")
    done
    wait "${requests[@]}" || true
    # Into a file: a pipe would break when grep has seen enough, and the pipeline be taken as failed.
    "${PACKAGED[@]}" list table inet lossy >"$WORK/counters"
    if grep -qE 'counter packets [1-9]' "$WORK/counters"; then
        lost=yes
    fi
    check "packets are lost" lost yes "$lost"
}

main "$@"
