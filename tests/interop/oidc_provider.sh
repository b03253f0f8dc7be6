#!/usr/bin/env bash
# The example servers, unchanged, with a real authorization server and each signature algorithm:
#
#   tests/interop/oidc_provider.sh [SERVER...]
#
# SERVER is the path of a built `orders_axum`, `orders_actix` or `orders_tower`; without one, those
# that are found in the target folder. Needs node, curl, and `npm ci` in tests/interop/oidc-provider.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=tests/interop/harness.sh
. tests/interop/harness.sh

ALGORITHMS=(RS256 PS256 ES256 EdDSA)

BARE='Bearer realm="api"'
INVALID="$BARE, error=\"invalid_token\", error_description=\"The access token is invalid\""
INSUFFICIENT="$BARE, error=\"insufficient_scope\""
INSUFFICIENT+=', error_description="The access token does not grant what this resource requires"'

main() {
    local server algorithm
    servers "$@"
    start_issuer
    for server in "${SERVERS[@]}"; do
        for algorithm in "${ALGORITHMS[@]}"; do
            try_server "$server" "$algorithm"
        done
    done
    close
}

# Sets ISSUER.
start_issuer() {
    local log=$WORK/issuer
    start "$log" node tests/interop/oidc-provider/issuer.mjs --max-seconds "$MAX_SECONDS"
    if ! await "$PID" grep -q '^{' "$log"; then
        echo "The authorization server does not start:" >&2
        cat "$log.err" >&2
        exit 1
    fi
    ISSUER=$(json_string issuer <"$log")
}

# try_server SERVER ALGORITHM
try_server() {
    local pid
    NAME="$(basename "$1") $2"
    ALGORITHM=$2
    RESOURCE=https://orders.test/${2,,}
    ELSEWHERE=https://billing.test/${2,,}
    if serve "$NAME" "$1" ISSUER="$ISSUER" AUDIENCE="$RESOURCE"; then
        pid=$PID
        get_tokens
        check_public_routes
        check_scopes
        check_refusals
        check_rotation
        stop "$pid"
    fi
}

get_tokens() {
    READ=$(token basic "$RESOURCE" orders.read)
    WRITE=$(token form "$RESOURCE" "orders.read orders.write")
    REPORTS=$(token basic "$RESOURCE" reports.read)
    FOREIGN=$(token basic "$ELSEWHERE" orders.read)
    check_token "to read" "$READ"
    check_token "to write" "$WRITE"
    check_token "for reports" "$REPORTS"
    check_token "for another resource" "$FOREIGN"
}

# check_token WHAT TOKEN: otherwise the suite would prove less than it says.
check_token() {
    check "$NAME: the issuer signs a token $1 with this algorithm" \
        alg "$ALGORITHM" "$(header "$2" alg)" typ at+jwt "$(header "$2" typ)"
}

check_public_routes() {
    request "$API/health"
    answers "$NAME: anybody asks for health" 200 "" ok
    request "$API/profile"
    answers "$NAME: a profile without a token is anonymous" 200 "" anonymous
    request "$API/profile" -H "Authorization: Bearer $READ"
    answers "$NAME: a profile with a token has a name" 200 "" clerk
    request "$API/profile" -H "Authorization: Bearer $FOREIGN"
    answers "$NAME: a profile with a refused token is refused" 401 "$INVALID" ""
}

check_scopes() {
    local samples='[{"id":1,"item":"lamp","by":"shop"},{"id":2,"item":"chair","by":"shop"}]'
    request "$API/orders" -H "Authorization: Bearer $READ"
    answers "$NAME: a token to read lists the orders" 200 "" "$samples"
    request "$API/orders" -X POST -H "Authorization: Bearer $READ"
    answers "$NAME: a token to read adds no order" \
        403 "$INSUFFICIENT, scope=\"orders.write\"" ""
    request "$API/orders" -X POST -H "Authorization: Bearer $WRITE"
    answers "$NAME: a token to write adds an order" 201 "" '{"id":3,"item":"table","by":"kiosk"}'
    request "$API/orders/3" -X DELETE -H "Authorization: Bearer $WRITE"
    answers "$NAME: a token to write without the role deletes no order" \
        403 "$INSUFFICIENT, scope=\"orders.write\"" ""
    request "$API/orders" -H "Authorization: Bearer $REPORTS"
    answers "$NAME: a token for reports lists no orders" \
        403 "$INSUFFICIENT, scope=\"orders.read\"" ""
    request "$API/reports" -H "Authorization: Bearer $REPORTS"
    answers "$NAME: a token for reports reads the report" 200 "" '{"orders":3}'
    request "$API/reports" -H "Authorization: Bearer $WRITE"
    answers "$NAME: a token to write reads no report" \
        403 "$INSUFFICIENT, scope=\"reports.read\"" ""
    request "$API/me" -H "Authorization: Bearer $READ"
    answers "$NAME: a token by Basic authentication shows its claims" 200 "" \
        "$(me clerk '"orders.read"')"
    request "$API/me" -H "Authorization: Bearer $WRITE"
    answers "$NAME: a token by form authentication shows its claims" 200 "" \
        "$(me kiosk '"orders.read","orders.write"')"
}

check_refusals() {
    request "$API/orders"
    answers "$NAME: no token" 401 "$BARE" ""
    request "$API/orders" -H "Authorization: Bearer $FOREIGN"
    answers "$NAME: a token of another resource" 401 "$INVALID" ""
    request "$API/orders" -H "Authorization: Bearer $(with_other_signature "$READ")"
    answers "$NAME: a token with an altered signature" 401 "$INVALID" ""
    request "$API/orders" -X POST -H "Authorization: Bearer $(with_more_scopes "$READ")"
    answers "$NAME: a token with a scope added by hand" 401 "$INVALID" ""
}

check_rotation() {
    local fresh
    request "$ISSUER/rotate" -X POST
    fresh=$(token basic "$RESOURCE" orders.read)
    check "$NAME: the issuer signs with a new key" kid "$(next_key "$READ")" "$(header "$fresh" kid)"
    request "$API/profile" -H "Authorization: Bearer $fresh"
    answers "$NAME: a token by a brand new key serves at its first request" 200 "" clerk
    request "$API/profile" -H "Authorization: Bearer $READ"
    answers "$NAME: a token by the key before still serves" 200 "" clerk
}

# token basic|form RESOURCE SCOPE: prints an access token; the client is `clerk` or `kiosk`.
token() {
    local client=(-u clerk:clerk-secret)
    if [[ $1 == form ]]; then
        client=(-d client_id=kiosk -d client_secret=kiosk-secret)
    fi
    curl -sS --max-time 10 "${client[@]}" -d grant_type=client_credentials \
        --data-urlencode "resource=$2" --data-urlencode "scope=$3" "$ISSUER/token" |
        json_string access_token
}

# me CLIENT SCOPES: prints what /me answers.
me() {
    printf '{"subject":"%s","client_id":"%s","issuer":"%s","scopes":[%s],"roles":[]}' \
        "$1" "$1" "$ISSUER" "$2"
}

# json_string NAME: prints a member of the object at standard input.
json_string() {
    sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"
}

# header TOKEN NAME: prints a member of its header.
header() {
    decode "${1%%.*}" | json_string "$2"
}

# next_key TOKEN: prints the key ID that follows that of the token.
next_key() {
    local key
    key=$(header "$1" kid)
    echo "${key%-*}-$((${key##*-} + 1))"
}

with_other_signature() {
    local signature=${1##*.} middle=A
    local half=$((${#signature} / 2))
    if [[ ${signature:half:1} == A ]]; then
        middle=B
    fi
    echo "${1%.*}.${signature:0:half}$middle${signature:half+1}"
}

with_more_scopes() {
    local signed=${1%.*} payload
    payload=$(decode "${signed#*.}")
    payload=${payload/orders.read/orders.read orders.write}
    echo "${signed%%.*}.$(printf %s "$payload" | base64 -w0 | tr '+/' '-_' | tr -d =).${1##*.}"
}

# decode TEXT: from base64url.
decode() {
    local text=$1
    while ((${#text} % 4)); do
        text+='='
    done
    tr '_-' '/+' <<<"$text" | base64 -d
}

main "$@"
