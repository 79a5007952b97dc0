# `make run` and `make test` do all the set-up that they need on a Debian machine with Rust.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# The everyday build: the first page stands in half the time of an optimised one, and no page waits for it.
# `make run PROFILE=release` for the other.
PROFILE ?= dev
PROGRAM := target/$(if $(filter dev,$(PROFILE)),debug,$(PROFILE))/changeover
TESTS := --lib --bins --tests
export CARGO_TERM_COLOR ?= auto

.PHONY: help
help: ## this list
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1\t\2/p' Makefile | expand -t 18

.PHONY: run
run: ## the portal on http://127.0.0.1:8080 with the demonstration loaded
	@scripts/setup.sh run
	@SQLX_OFFLINE=true cargo build --profile $(PROFILE)
	@$(PROGRAM) migrate
	@$(PROGRAM) demo
	@exec $(PROGRAM) serve

.PHONY: test
test: ## everything that CI runs
	@scripts/setup.sh test
	@cargo fmt --check
	@scripts/with-postgres.sh scripts/prepare.sh check
	@SQLX_OFFLINE=true RUSTDOCFLAGS="-D warnings" cargo doc --quiet --no-deps --document-private-items
	@SQLX_OFFLINE=true scripts/with-postgres.sh cargo test --no-fail-fast $(TESTS)

.PHONY: check
check: ## the same without the browser
	@scripts/setup.sh run
	@cargo fmt --check
	@scripts/with-postgres.sh scripts/prepare.sh check
	@SQLX_OFFLINE=true RUSTDOCFLAGS="-D warnings" cargo doc --quiet --no-deps --document-private-items
	@SQLX_OFFLINE=true scripts/with-postgres.sh cargo test --no-fail-fast --lib --bins --test architecture --test portal

.PHONY: journeys
journeys: ## the browser journeys alone; JOURNEY=name for one
	@scripts/setup.sh test
	@SQLX_OFFLINE=true scripts/with-postgres.sh cargo test --test journeys $(JOURNEY)

.PHONY: prepare
prepare: ## writes .sqlx anew, after a change of a query or a migration
	@scripts/with-postgres.sh scripts/prepare.sh write

.PHONY: bench
bench: ## speed, each as a ratio to the bare equivalent of the same run, written to bench-results/
	@scripts/setup.sh run
	@scripts/bench.sh

.PHONY: soak
soak: ## mangled files and readers for SOAK_MINUTES (10), and a flood of sign-ins
	@scripts/setup.sh run
	@scripts/bench.sh soak

.PHONY: snapshots
snapshots: ## accepts what the files and mails that we send look like now
	@SQLX_OFFLINE=true INSTA_UPDATE=always scripts/with-postgres.sh cargo test --no-fail-fast $(TESTS)

.PHONY: vendor
vendor: ## fetches and compiles static/vendor again, to the same SHA-256
	@static/vendor/vendor.sh

.PHONY: audit
audit: ## advisories and licences; needs the network
	@command -v cargo-deny >/dev/null || cargo install --locked cargo-deny
	@cargo deny check
