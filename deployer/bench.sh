#!/usr/bin/env bash
# How fast the deployer is as people get it (profile release), and the functions' handler (docs/speed.md).
set -euo pipefail
cd "$(dirname "$0")/.."
# All of the workspace in one go, as the deployer builds functions: nothing is compiled in two ways.
cargo build --locked --workspace --release --bin deployer --bin crew-api --example scale --example bench
cargo build --locked --workspace --bin bench
target=$(cargo metadata --locked --no-deps --format-version 1 | python3 -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')
# Files of its own: a build meanwhile does not change what is measured.
(umask 077 && mkdir -p .deployer/bench && cp -p "$target/release/deployer" "$target/release/examples/scale" .deployer/bench/)
DEPLOYER=.deployer/bench/deployer SCALE=.deployer/bench/scale exec "$target/debug/bench"
