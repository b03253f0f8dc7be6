# shellcheck shell=bash
# What a server has to show while the host of its issuer fails, recovers and fails again; of many
# servers at once. To be sourced after harness.sh.

# A request that has to wait for a fetch waits 5 seconds for it; one more is for the machine.
PATIENCE=6
# The longest pause between two fetches is 60 seconds, and a fetch takes 5.
RECOVERY=70

# The servers by name, and of each: its URL, its log, the folder with the tokens of its issuer.
CASES=()
declare -A API_OF LOG_OF FOLDER_OF

# begin NAME SERVER PORT FOLDER: starts a server before its issuer, whose host is at this port.
begin() {
    if serve "$1" "$2" ISSUER="http://127.0.0.1:$3" LAZY=1 NO_COLOR=1; then
        CASES+=("$1")
        API_OF[$1]=$API
        LOG_OF[$1]=$LOG.err
        FOLDER_OF[$1]=$4
    fi
}

# check_without_keys: no server has keys, nor can it get them.
check_without_keys() {
    local name
    ask_all good
    check_health "while it waits for its issuer"
    wait_for_answers
    for name in "${CASES[@]}"; do
        check_unavailable "$name: a good token has to wait for the keys" "$name"
        check "$name: is not ready" status 503 "$(status_of "$name" ready)"
    done
}

# check_recovery: the hosts are well again.
check_recovery() {
    local name begun=$SECONDS deadline=$((SECONDS + RECOVERY))
    for name in "${CASES[@]}"; do
        until [[ $(status_of "$name" ready) == 200 ]] || ((SECONDS >= deadline)); do
            sleep 0.1
        done
        check "$name: is ready after the recovery" status 200 "$(status_of "$name" ready)"
    done
    echo "      all of them $((SECONDS - begun)) s after it"
    check_served "once the host is well"
}

# check_outage: the hosts are faulty again, and the servers have keys.
check_outage() {
    local name
    check_served "while the host is faulty"
    ask_all unknown
    check_health "while it asks for an unknown key"
    wait_for_answers
    for name in "${CASES[@]}"; do
        check_unavailable "$name: a token of an unknown key cannot be judged" "$name"
    done
    check_served "after an unknown key was asked for"
    for name in "${CASES[@]}"; do
        check "$name: stays ready" status 200 "$(status_of "$name" ready)"
    done
}

# check_served WHEN: every server takes the good token.
check_served() {
    local name
    ask_all good
    wait_for_answers
    for name in "${CASES[@]}"; do
        read_answer "$name"
        check "$name: a good token is served $1" status 200 "$STATUS" "in time" yes "$IN_TIME"
    done
}

# check_health WHEN: every server is alive, and quick to say so.
check_health() {
    local name answer
    for name in "${CASES[@]}"; do
        answer=$(curl -s -o "$WORK/health" --max-time 1 -w '%{http_code}' "${API_OF[$name]}/health") ||
            true
        check "$name: says within a second that it is alive, $1" status 200 "$answer"
    done
}

# check_unavailable WHAT NAME: the answer of this server is "later", and not "never".
check_unavailable() {
    local again=no
    read_answer "$2"
    if [[ $RETRY_AFTER =~ ^[1-9][0-9]?$ ]] && ((RETRY_AFTER <= 60)); then
        again=yes
    fi
    check "$1" status 503 "$STATUS" "Retry-After of 1 to 60 seconds" yes "$again" \
        WWW-Authenticate "" "$CHALLENGE" "in time" yes "$IN_TIME"
}

# ask_all good|unknown: sends each server its token of this kind, all at once, in the background.
ask_all() {
    local name
    ASKED=()
    for name in "${CASES[@]}"; do
        : >"$(answer_file "$name")"
        : >"$(answer_file "$name").fields"
        curl -s --max-time 15 -o "$WORK/orders" -D "$(answer_file "$name").fields" \
            -w '%{http_code} %{time_total}' "${API_OF[$name]}/orders" \
            -H "Authorization: Bearer $(<"${FOLDER_OF[$name]}/$1")" >"$(answer_file "$name")" &
        ASKED+=("$!")
    done
}

# Until all that was asked is answered.
wait_for_answers() {
    wait "${ASKED[@]}" || true
}

# read_answer NAME: sets STATUS, IN_TIME, RETRY_AFTER and CHALLENGE to those of its last answer.
read_answer() {
    local time fields
    read -r STATUS time <"$(answer_file "$1")" || true
    IN_TIME=yes
    if ((${time%.*} >= PATIENCE)); then
        IN_TIME="no, $time s"
    fi
    fields=$(tr -d '\r' <"$(answer_file "$1").fields")
    RETRY_AFTER=$(sed -n 's/^retry-after: *//Ip' <<<"$fields")
    CHALLENGE=$(sed -n 's/^www-authenticate: *//Ip' <<<"$fields")
}

# answer_file NAME: where its last answer is.
answer_file() {
    echo "$WORK/answer-${API_OF[$1]##*:}"
}

# status_of NAME PATH: prints the status of what it answers.
status_of() {
    curl -s -o "$WORK/status" --max-time 5 -w '%{http_code}' "${API_OF[$1]}/$2" || true
}

# check_log NAME REASON: the server has told its operator why there are no keys.
check_log() {
    local told found=yes
    told=$(grep -F "keys could not be fetched" "${LOG_OF[$1]}") || true
    grep -qE "$2" <<<"$told" || found="no: ${told:-$(<"${LOG_OF[$1]}")}"
    check "$1: the log tells why" "\"$2\"" yes "$found"
}

# The status of a part of the suite that skips itself.
# shellcheck disable=SC2034 # The suites read it.
SKIPPED=77

# skip WHAT WHY
skip() {
    echo "SKIPPED  $1: $2"
}
