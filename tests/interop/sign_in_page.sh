#!/usr/bin/env bash
# A person signs in on the pages of the development issuer, in Chromium without a window, for Microsoft's
# own client library, MSAL for Node, which then calls an example server.
#
#   tests/interop/sign_in_page.sh [ISSUER SERVER]
#
# ISSUER and SERVER are the paths of the built `doorward-issuer` and `orders_axum`; without them, those
# of the target folder. Needs chromium, node, curl, and `npm ci` in tests/interop/msal. PICTURES names a
# folder that keeps the pictures of the pages.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=tests/interop/harness.sh
. tests/interop/harness.sh
# shellcheck source=tests/interop/msal/apis.sh
. tests/interop/msal/apis.sh

# Applications of the demo directory.
ON_DESKTOP=55556666-eeee-7777-ffff-88889999aaaa
WITH_SECRET=11112222-bbbb-3333-cccc-4444dddd5555

main() {
    programs "$@"
    start_issuer
    start_orders_and_reports
    ask_for_tokens browser

    told browser desktop-asked "Read your orders"
    told browser desktop-account frankm@contoso.com
    serves "browser: sign-in and consent by clicks" desktop "$ON_DESKTOP" \
        orders /orders reports.read reports
    told browser desktop-again identity_provider
    serves "browser: consent alone, for a second resource" desktop-more "$ON_DESKTOP" \
        reports /reports orders.read orders
    told browser typed-unknown "Nobody who may sign in here has this name."
    told browser typed-declined access_denied
    told browser form-state '"><script>throw 1</script>'
    serves "browser: code in a form that the page posts" form "$WITH_SECRET" \
        orders /orders reports.read reports
    for flow in desktop typed form; do
        told browser "$flow-faults" none
    done
    close
}

run_browser() {
    NODE_EXTRA_CA_CERTS=$WORK/ca.pem timeout 120 node "$FOLDER/browser.mjs" \
        "https://$ISSUER" "$(command -v chromium)" "${PICTURES:-$WORK}"
}

main "$@"
