#!/usr/bin/env bash
# Sends the crew API requests that its description allows and such that it does not, thousands of them, and checks
# each answer against the description. The seed is fixed: two runs send the same.
set -euo pipefail
cd "$(dirname "$0")/../.."

venv=.deployer/fuzz
requirements=functions/crew-api/requirements.txt
cmp -s "$requirements" "$venv/stamp" || {
  rm -rf "$venv"
  (umask 077 && mkdir -p .deployer)
  python3 -m venv "$venv"
  "$venv/bin/python" -m pip install --quiet --no-input --disable-pip-version-check --require-hashes --only-binary :all: --requirement "$requirements"
  cp "$requirements" "$venv/stamp"
}

cargo build --locked --workspace --example serve
target=$(cargo metadata --locked --no-deps --format-version 1 | python3 -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')
told=$(mktemp)
"$target/debug/examples/serve" >"$told" &
server=$!
trap 'kill $server 2>/dev/null || true; rm -f "$told"' EXIT
until [ -s "$told" ]; do
  kill -0 $server
  sleep 0.1
done
field() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$told" "$1"; }

# The two operations that end the session would leave nothing but 401 to the rest.
"$venv/bin/st" --config-file functions/crew-api/schemathesis.toml run functions/crew-api/openapi.json \
  --url "$(field url)" \
  --header "Authorization: Bearer $(field token)" \
  --header "X-Crew-Request: 1" \
  --exclude-operation-id endSession \
  --exclude-operation-id endSessions \
  --max-examples "${FUZZ_EXAMPLES:-10}" \
  --seed 20261121 \
  --generation-database none \
  --no-color "$@"
