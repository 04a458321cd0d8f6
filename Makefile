# Every target is one line of `make help`. GNU make 3.81 (macOS) is enough.

DEPLOYER := .deployer/bin/deployer
# The browser for the tests; the environment may name another one.
CHROMIUM ?= $(shell for name in chromium chromium-browser google-chrome-stable google-chrome; do command -v $$name && exit; done; echo "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
export CHROMIUM

.DEFAULT_GOAL := help
.PHONY: help demo demo-down build install test check fmt schema limits bench lighthouse faults test-rust test-api test-site test-reports test-demo clean-local

help: ## What can be made (this text)
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## The whole product on this machine: build it, start a local AWS, ship it, seed it, say where it is
	@deployer/demo.sh up

demo-down: ## Take all of the demo away again
	@deployer/demo.sh down

build: ## Build the deployer: .deployer/bin/deployer
	@deployer/demo.sh build

install: ## Build the deployer for every day, optimised, into ~/.cargo/bin (a quarter of an hour)
	@deployer/install.sh

test: check test-rust test-api test-site test-reports test-demo ## Everything that is tested, from units to a browser on the demo

check: ## Formatting, lints and forbidden dependencies
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	deployer/check-dependencies.sh

test-rust: ## The tests in Rust: engine, resources, functions, the deployer end to end
	@if cargo nextest --version >/dev/null 2>&1; then cargo nextest run --locked --workspace --no-fail-fast; else cargo test --locked --workspace --no-fail-fast; fi

test-api: ## The crew API against its own description: thousands of requests that it allows, and that it does not
	@functions/crew-api/fuzz.sh

test-site: site/node_modules/.package-lock.json ## The site's types, lints, unit tests, and the built site in a browser
	cd site && npm run check && npm test && npm run build && npm run e2e

test-reports: site/node_modules/.package-lock.json ## The executive reports: their HTML, and in a browser accessibility, widths, pictures
	cargo run --quiet --locked -p report-mailer --example rendering .deployer/reports >/dev/null
	cd site && node e2e/reports.mjs ../.deployer/reports

test-demo: site/node_modules/.package-lock.json ## The demo as it is shipped, in a browser
	@deployer/demo.sh test

bench: ## How fast and how large things are, beside raw calls and other tools (docs/speed.md: PART=, ROUNDS=, PEERS=no)
	@deployer/bench.sh

lighthouse: site/node_modules/.package-lock.json ## Measure the built site on a throttled phone (figures: docs/site.md)
	cd site && npm run lighthouse

faults: ## Spoil every call of the deployer once and look what is left (docs/reliability.md: STACK=, SITUATION=, MODE=, K=, SHARD=)
	@deployer/faults.sh

fmt: ## Format all Rust code
	cargo fmt --all

schema: build ## Write the JSON Schema of stack files and the reference of the kinds from the code
	@$(DEPLOYER) schema >.deployer/stack.json && mv .deployer/stack.json schema/stack.json
	@$(DEPLOYER) schema --md >.deployer/kinds.md && mv .deployer/kinds.md docs/kinds.md

clean-local: build ## Stop the local AWS and remove it with its Python packages
	@$(DEPLOYER) local down --purge && rm -rf .deployer/local

limits: build ## Write the table of what AWS takes from its published service models
	@$(DEPLOYER) local up >/dev/null && .deployer/local/venv/bin/python deployer/aws/limits.py

# npm writes it last: newer than the lock file means installed.
site/node_modules/.package-lock.json: site/package-lock.json
	cd site && npm ci --no-audit --no-fund
	@touch $@
