# shellcheck shell=bash
# What the interop suites share: processes that end with the suite, requests, and checks. To be
# sourced by a script with `set -euo pipefail`.

# Neither the suite nor a process that it starts lives longer.
MAX_SECONDS=300

# Everything is on the loopback interface.
export NO_PROXY=127.0.0.1 no_proxy=127.0.0.1

WORK=$(mktemp -d)
PIDS=()
# Ports of those who do not listen at all times.
RESERVED=()
PASSED=0
FAILED=0

finish() {
    local pid
    for pid in ${PIDS[@]+"${PIDS[@]}"}; do
        stop "$pid"
    done
    rm -rf "$WORK"
}
trap finish EXIT

# start LOG COMMAND...: runs it in the background; its output goes to LOG. Sets PID.
start() {
    local log=$1
    shift
    : >"$log"
    timeout "$MAX_SECONDS" "$@" >"$log" 2>"$log.err" </dev/null &
    PID=$!
    PIDS+=("$PID")
}

# stop PID: ends a process that `start` started, and waits until it is gone.
stop() {
    local pid others=()
    for pid in "${PIDS[@]}"; do
        if [[ $pid == "$1" ]]; then
            # Until it is waited for, its number cannot be that of another process.
            kill "$pid" 2>/dev/null || true
            wait "$pid" 2>/dev/null || true
        else
            others+=("$pid")
        fi
    done
    PIDS=(${others[@]+"${others[@]}"})
}

# await PID COMMAND...: waits until the command succeeds; fails after 15 seconds, or as soon as
# the process is gone.
await() {
    local pid=$1 deadline=$((SECONDS + 15))
    shift
    until "$@"; do
        if ((SECONDS >= deadline)) || ! kill -0 "$pid" 2>/dev/null; then
            return 1
        fi
        sleep 0.05
    done
}

# servers [SERVER...]: sets SERVERS to them, or to those that are built.
servers() {
    SERVERS=("$@")
    local server
    if (($# == 0)); then
        for server in "${CARGO_TARGET_DIR:-target}"/debug/orders_{axum,actix,tower}; do
            if [[ -x $server ]]; then
                SERVERS+=("$server")
            fi
        done
    fi
    if ((${#SERVERS[@]} == 0)); then
        echo "No server is built: cargo build --bin orders_axum" >&2
        exit 1
    fi
}

# serve WHAT SERVER [NAME=VALUE...]: starts a server with these settings and checks that it comes
# up. Sets PID, API and LOG. Returns whether it did.
serve() {
    local what=$1 server=$2 address up=yes
    shift 2
    address=127.0.0.1:$(free_port)
    API=http://$address
    LOG=$WORK/server-${address##*:}
    start "$LOG" env -u ISSUER -u METADATA_URL -u AUDIENCE "$@" ORDERS_ADDR="$address" "$server"
    await "$PID" is_up "$API/health" || up="no: $(<"$LOG.err")"
    check "$what: the server starts" up yes "$up"
    [[ $up == yes ]]
}

# is_up URL: returns whether there is an answer, by HTTP/1.1, or by HTTP/2 from who speaks nothing else.
is_up() {
    curl -s -o /dev/null --max-time 1 "$1" ||
        curl -s -o /dev/null --max-time 1 --http2-prior-knowledge "$1"
}

# Prints a port of the loopback interface that nobody listens on or has reserved, below those that the system
# gives to outgoing connections.
free_port() {
    local port
    while :; do
        port=$((20000 + RANDOM % 12000))
        if [[ " ${RESERVED[*]-} " != *" $port "* ]] &&
            ! (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            echo "$port"
            return
        fi
    done
}

# request CURL-ARGUMENT...: sets STATUS, CHALLENGE (each WWW-Authenticate field, a line each) and
# BODY. A request that fails altogether has the status 000.
request() {
    : | tee "$WORK/fields" >"$WORK/body"
    STATUS=$(curl -sS --max-time 10 -D "$WORK/fields" -o "$WORK/body" -w '%{http_code}' "$@") || true
    CHALLENGE=$(tr -d '\r' <"$WORK/fields" | sed -n 's/^www-authenticate: *//Ip')
    BODY=$(<"$WORK/body")
}

# check WHAT NAME EXPECTED ACTUAL [NAME EXPECTED ACTUAL]...: one check; all pairs must be equal.
check() {
    local what=$1 faults=()
    shift
    if ((SECONDS > MAX_SECONDS)); then
        echo "The suite takes longer than $MAX_SECONDS seconds." >&2
        exit 1
    fi
    while (($# >= 3)); do
        if [[ $2 != "$3" ]]; then
            faults+=("$1: expected '$2', got '$3'")
        fi
        shift 3
    done
    if ((${#faults[@]} == 0)); then
        PASSED=$((PASSED + 1))
        echo "ok    $what"
    else
        FAILED=$((FAILED + 1))
        echo "FAIL  $what"
        printf '      %s\n' "${faults[@]}"
    fi
}

# answers WHAT STATUS CHALLENGE BODY: checks the answer to the last request.
answers() {
    check "$1" status "$2" "$STATUS" WWW-Authenticate "$3" "$CHALLENGE" body "$4" "$BODY"
}

# Prints the closing line; its status is that of the suite.
close() {
    echo "$PASSED passed, $FAILED failed"
    ((FAILED == 0 && PASSED > 0))
}
