#!/usr/bin/env bash
# The table of faults, or the part of it that the environment names (docs/reliability.md).
set -euo pipefail
cd "$(dirname "$0")/.."
# All of the workspace in one go, as the deployer builds functions: nothing is compiled in two ways.
cargo build --locked --workspace --bin deployer --bin faults
target=$(cargo metadata --locked --no-deps --format-version 1 | python3 -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')
# A file of its own with the time of its build: a build meanwhile does not change it, and results are kept by it.
(umask 077 && mkdir -p .deployer/faults && cp -p "$target/debug/deployer" .deployer/faults/deployer)
DEPLOYER=.deployer/faults/deployer exec "$target/debug/faults"
