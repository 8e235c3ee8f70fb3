# Apportion. `make` lists the targets; `run` and `test` do their own set-up on a fresh machine.
.DEFAULT_GOAL := help
.PHONY: help setup run test ui stop check bench conformance lineage clean
SHELL := /bin/sh
BIN := .venv/bin
# Python keeps what it has compiled (git ignores it): compiling is half of the start of every process.
unexport PYTHONDONTWRITEBYTECODE

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Make .venv with everything in it (run and test do this by themselves)
	@tools/setup.sh

run: setup ## The example month from nothing to bills, payouts and a reconciliation
	@$(BIN)/apportion run-month

test: ## Everything that is promised, checked (PostgreSQL, dbt, documents, kills, the UI in a browser)
	@tools/setup.sh browser
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

ui: setup ## Open Dagster on the loopback address
	@$(BIN)/apportion ui

stop: ## Stop the embedded PostgreSQL
	@if [ -x $(BIN)/apportion ]; then $(BIN)/apportion stop; fi

check: setup ## Format, lint and types
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy

bench: setup ## Events per second, seconds per page, as ratios to their floors
	@$(BIN)/python -m tests.bench

conformance: setup ## Peers' test cases through the pipeline: CASES="FILE..." [JSON=out.json] [PAGE=page.md]
	@$(BIN)/python -m tests.conformance $(CASES) $(if $(JSON),--json $(JSON)) $(if $(PAGE),--page $(PAGE))

lineage: setup ## Work out the column lineage again after a change of a dbt model (a minute)
	@tools/column_lineage.sh

clean: ## Remove the state folder and the environment (bills included!)
	@$(MAKE) --no-print-directory stop
	@rm -rf .apportion .venv apportion.egg-info dbt_project/target dbt_project/logs test-output .mypy_cache .ruff_cache .pytest_cache
