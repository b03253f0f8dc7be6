# shellcheck shell=bash
# What the suites with Microsoft's client libraries share: the issuer, the APIs that trust it, and what a
# token is checked for. To be sourced after the harness.

TARGET=${CARGO_TARGET_DIR:-target}
FOLDER=tests/interop/msal

# A tenant and two APIs of the demo directory.
CONTOSO=7fe81447-da57-4385-becb-6de57f21477e
ORDERS=6e74172b-be56-4843-9ff4-e66a39bb12e3
REPORTS=7f85283c-cf67-4954-a0f5-f77b4acc23f4

INVALID='Bearer realm="api", error="invalid_token", error_description="The access token is invalid"'
INSUFFICIENT='Bearer realm="api", error="insufficient_scope"'
INSUFFICIENT+=', error_description="The access token does not grant what this resource requires"'

declare -A API_OF LOG_OF ANSWER

# programs [ISSUER SERVER]: sets ISSUER_PROGRAM and SERVER.
programs() {
    ISSUER_PROGRAM=${1:-$TARGET/debug/doorward-issuer}
    SERVER=${2:-$TARGET/debug/orders_axum}
}

# start_issuer ARGUMENT...: sets ISSUER to its host and port; the certificate to trust is in ca.pem.
start_issuer() {
    local log=$WORK/issuer
    ISSUER=127.0.0.1:$(free_port)
    start "$log" "$ISSUER_PROGRAM" --listen "$ISSUER" --https --ca-file "$WORK/ca.pem" "$@"
    if ! await "$PID" grep -q '^Stop with ctrl-c' "$log"; then
        echo "The issuer does not start:" >&2
        cat "$log.err" >&2
        exit 1
    fi
}

start_orders_and_reports() {
    start_api orders "$CONTOSO/v2.0" contoso.com/v2.0 "$ORDERS"
    start_api reports "$CONTOSO/v2.0" contoso.com/v2.0 "$REPORTS"
}

# start_api NAME ISSUER METADATA AUDIENCE: ISSUER and METADATA are paths at the issuer. Its names are of
# https, and its metadata is read over http, which it speaks on the same port. Without one of the APIs
# the suite ends: what follows would tell nothing.
start_api() {
    serve "the API $1" "$SERVER" ISSUER="https://$ISSUER/$2" AUDIENCE="$4" \
        METADATA_URL="http://$ISSUER/$3/.well-known/openid-configuration" || close
    API_OF[$1]=$API
    LOG_OF[$1]=$LOG.err
}

# ask_for_tokens CLIENT: sets ANSWER to what `run_CLIENT` prints, by name.
ask_for_tokens() {
    local name value
    ANSWER=()
    "run_$1" >"$WORK/$1" 2>"$WORK/$1.err" </dev/null ||
        check "$1: the client runs to its end" output "" "$(<"$WORK/$1.err")"
    while read -r name value; do
        ANSWER[$name]=$value
    done <"$WORK/$1"
}

# told CLIENT NAME VALUE: checks what the client has told.
told() {
    check "$1: $2 is $3" "$2" "$3" "${ANSWER[$2]-nothing}"
}

# serves WHAT NAME CLIENT-ID API PATH LACKED OTHER: checks that the token of this name is the client's,
# and serves at the API for the path; not for what needs the scope that it lacks, and not at the other.
serves() {
    local what=$1 bearer="Authorization: Bearer ${ANSWER[$2]-nothing}" lacked=/${6%.*}
    request "${API_OF[$4]}/me" -H "$bearer"
    check "$what: the token names the client" \
        status 200 "$STATUS" client_id "$3" "$(json_string client_id <<<"$BODY")"
    request "${API_OF[$4]}$5" -H "$bearer"
    check "$what: the token is accepted" status 200 "$STATUS" WWW-Authenticate "" "$CHALLENGE"
    request "${API_OF[$4]}$lacked" -H "$bearer"
    answers "$what: the token does not grant what it lacks" \
        403 "$INSUFFICIENT, scope=\"$6\"" ""
    request "${API_OF[$7]}/me" -H "$bearer"
    answers "$what: the token is refused by the other API" 401 "$INVALID" ""
    check "$what: that is because of its audience" \
        code policy.audience "$(last_refusal "${LOG_OF[$7]}")"
}

# last_refusal LOG: prints the code of the last line, which has colours.
last_refusal() {
    tail -n 1 "$1" | sed $'s/\e\\[[0-9;]*m//g' | sed -n 's/.* code="\([^"]*\)".*/\1/p'
}

# json_string NAME: prints a member of the object at standard input.
json_string() {
    sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"
}
