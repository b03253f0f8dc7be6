#!/usr/bin/env bash
# The same thousands of tokens, valid and broken at random, for doorward and for two other
# libraries, `jose` and PyJWT. Where they disagree, differences.json must tell why:
#
#   tests/interop/differential.sh [VERDICT [COUNT [SEED]]]
#
# VERDICT is the path of the built `verdict` program; without one, that of the target folder. Needs
# node and python3 with its venv module.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

TARGET=${CARGO_TARGET_DIR:-target}
FOLDER=tests/interop/differential
VENV=$TARGET/differential

main() {
    local verdict=${1:-$TARGET/debug/verdict} count=${2:-5000} seed=${3:-1}
    WORK=$(mktemp -d)
    trap 'rm -rf "$WORK"' EXIT
    install_libraries
    "$VENV/bin/python" "$FOLDER/generate.py" "$count" "$seed" >"$WORK/cases"
    "$verdict" <"$WORK/cases" >"$WORK/doorward"
    node "$FOLDER/with_jose.mjs" <"$WORK/cases" >"$WORK/jose"
    "$VENV/bin/python" "$FOLDER/with_pyjwt.py" <"$WORK/cases" >"$WORK/pyjwt"
    "$VENV/bin/python" "$FOLDER/compare.py" "$WORK"
}

install_libraries() {
    npm ci --silent --ignore-scripts --prefix "$FOLDER"
    if [[ ! -x $VENV/bin/pip ]]; then
        python3 -m venv "$VENV"
    fi
    "$VENV/bin/pip" install -q --disable-pip-version-check -r "$FOLDER/requirements.txt"
}

main "$@"
