#!/usr/bin/env bash
# Microsoft's own client libraries get tokens of the development issuer, by each flow, and call an
# example server with them: MSAL for Python and MSAL for Node.
#
#   tests/interop/msal.sh [ISSUER SERVER]
#
# ISSUER and SERVER are the paths of the built `doorward-issuer` and `orders_axum`; without them, those
# of the target folder. Needs node, python3 with its venv module, curl, openssl, and `npm ci` in
# tests/interop/msal.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=tests/interop/harness.sh
. tests/interop/harness.sh
# shellcheck source=tests/interop/msal/apis.sh
. tests/interop/msal/apis.sh

VENV=$TARGET/msal

# More tenants, APIs and applications of the demo directory.
CHINA=9a2d0c3e-6c1f-4b1e-8a53-7b1f0d0e5c21
B2C=c64a4f7d-3091-4c73-a722-a3f069400000
B2C_API=f2a76e08-93f2-4350-833c-965c02483b11
WITH_SECRET=11112222-bbbb-3333-cccc-4444dddd5555
OF_B2C=38307aee-303c-4fff-8087-d8d200000000
IN_CHINA=33334444-dddd-5555-eeee-6666ffff7777
NATIVE=2d4d11a2-f814-46a7-890a-274a72a7309e
# The application that the suite adds.
WITH_CERTIFICATE=44445555-dddd-6666-eeee-7777ffff8888

main() {
    local client
    programs "$@"
    install_python_client
    start_issuer_and_directory
    start_apis
    for client in python node; do
        ask_for_tokens "$client"
        check_tokens_of_applications "$client"
        check_tokens_of_users "$client"
        check_other_clouds "$client"
    done
    check_refresh_in_v1
    close
}

install_python_client() {
    if [[ ! -x $VENV/bin/pip ]]; then
        python3 -m venv "$VENV"
    fi
    "$VENV/bin/pip" install -q --disable-pip-version-check -r "$FOLDER/requirements.txt"
}

# The demo directory, and an application with a certificate.
start_issuer_and_directory() {
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=client \
        -keyout "$WORK/client.key" -out "$WORK/client.pem" 2>"$WORK/openssl"
    directory >"$WORK/directory.toml"
    start_issuer --config "$WORK/directory.toml" --automatic
}

# Prints the directory. What users have not consented to, an administrator has granted.
directory() {
    cat crates/doorward-issuer/src/directory/demo.toml - <<END

[[applications]]
id = "$WITH_CERTIFICATE"
name = "Orders client with a certificate"
tenant = "contoso.com"
redirect_uris = [{ uri = "http://localhost:3000/callback" }]
permissions = ["api://orders/orders.read", "api://reports/reports.read"]
roles = ["api://orders/Orders.Admin"]
certificates = ["""
$(<"$WORK/client.pem")
"""]
END
}

start_apis() {
    start_orders_and_reports
    start_api contoso-v1 "$CONTOSO/" contoso.com https://service.contoso.com/
    start_api fabrikam-v1 "$CONTOSO/" contoso.com https://service.fabrikam.com/
    start_api b2c "$B2C/v2.0/" contoso.onmicrosoft.com/B2C_1_signupsignin1/v2.0 "$B2C_API"
    start_api b2c-other "$B2C/v2.0/" contoso.onmicrosoft.com/B2C_1_signupsignin1/v2.0 "$ORDERS"
    start_api china "$CHINA/v2.0" contoso.partner.cn/v2.0 "$ORDERS"
    start_api china-other "$CHINA/v2.0" contoso.partner.cn/v2.0 "$REPORTS"
}

run_python() {
    timeout 60 "$VENV/bin/python" "$FOLDER/client.py" \
        "https://$ISSUER" "$WORK/ca.pem" "$WORK/client.pem" "$WORK/client.key"
}

run_node() {
    NODE_EXTRA_CA_CERTS=$WORK/ca.pem timeout 60 node "$FOLDER/client.mjs" \
        "https://$ISSUER" "$WORK/client.pem" "$WORK/client.key"
}

# check_tokens_of_applications CLIENT
check_tokens_of_applications() {
    told "$1" wrong-secret invalid_client
    serves "$1: client credentials with a secret" secret "$WITH_SECRET" \
        orders /keys orders.read reports
    told "$1" certificate-assertion "PS256 x5t#S256"
    serves "$1: client credentials with a certificate" certificate "$WITH_CERTIFICATE" \
        orders /keys orders.read reports
    if [[ $1 == python ]]; then
        told "$1" thumbprint-assertion "RS256 x5t"
        serves "$1: client credentials with a SHA-1 thumbprint" thumbprint "$WITH_CERTIFICATE" \
            orders /keys orders.read reports
    fi
}

# check_tokens_of_users CLIENT
check_tokens_of_users() {
    told "$1" code-account frankm@contoso.com
    told "$1" code-again cache
    told "$1" code-without-consent consent_required
    serves "$1: authorization code with PKCE" code "$WITH_SECRET" \
        orders /orders reports.read reports
    told "$1" wrong-verifier invalid_grant
    told "$1" silent-source identity_provider
    serves "$1: silently, for a second resource" silent "$WITH_CERTIFICATE" \
        reports /reports orders.read orders
}

# check_other_clouds CLIENT
check_other_clouds() {
    serves "$1: authorization code at B2C" b2c "$OF_B2C" b2c /me orders.read b2c-other
    serves "$1: client credentials at the Chinese host" china "$IN_CHINA" \
        china /keys orders.read china-other
    serves "$1: authorization code at the Chinese host" china-user "$IN_CHINA" \
        china /orders reports.read china-other
}

# As "Refresh Tokens for Multiple Resources" prints it, the line break before `&resource` included.
check_refresh_in_v1() {
    local code tokens refresh
    request "https://$ISSUER/common/oauth2/authorize" --cacert "$WORK/ca.pem" -G \
        -d response_type=code -d client_id="$NATIVE" -d login_hint=frankm@contoso.com \
        --data-urlencode redirect_uri=http://localhost/native \
        --data-urlencode resource=https://service.contoso.com/
    code=$(tr -d '\r' <"$WORK/fields" | sed -n 's/^location: .*[?&]code=\([^&]*\).*/\1/Ip')
    request "https://$ISSUER/common/oauth2/token" --cacert "$WORK/ca.pem" \
        -d grant_type=authorization_code -d client_id="$NATIVE" --data-urlencode "code=$code" \
        --data-urlencode redirect_uri=http://localhost/native
    tokens=$BODY
    refresh=$(json_string refresh_token <<<"$tokens")
    request "https://$ISSUER/common/oauth2/token" --cacert "$WORK/ca.pem" \
        --data-binary "grant_type=refresh_token&refresh_token=$refresh
&resource=https%3A%2F%2Fservice.fabrikam.com%2F"
    ANSWER=([first]=$(json_string access_token <<<"$tokens")
        [second]=$(json_string access_token <<<"$BODY"))
    serves "plain HTTP: authorization code in v1" first "$NATIVE" \
        contoso-v1 /me orders.read fabrikam-v1
    serves "plain HTTP: refresh token in v1, for a second resource" second "$NATIVE" \
        fabrikam-v1 /me orders.read contoso-v1
}

main "$@"
