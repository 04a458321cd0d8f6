#!/usr/bin/env bash
# What must not be among the dependencies: a second HTTP or TLS stack, and AWS under the engine.
set -euo pipefail
cd "$(dirname "$0")/.."
failed=0

# The legacy stack comes back with a single SDK crate that is left on its default features.
for crate in hyper@0.14 http@0.2 h2@0.3 rustls@0.21 ring openssl-sys; do
  # A crate that the lock file does not have at all is an error of cargo's, and what is wanted.
  if tree=$(cargo tree --locked --workspace --edges normal,build --invert "$crate" 2>/dev/null) && [ -n "$tree" ]; then
    printf '%s must not be a dependency:\n%s\n' "$crate" "$tree" >&2
    failed=1
  fi
done

if found=$(cargo tree --locked -p deployer-engine --edges normal --prefix none | grep -E '^(aws-|hyper|deployer-aws)'); then
  printf 'the engine must know nothing of AWS, but depends on:\n%s\n' "$found" >&2
  failed=1
fi
exit $failed
