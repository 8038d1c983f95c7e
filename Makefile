# Every command first brings .venv to the locked versions (deploy/setup.sh): Python 3.11 or later and make are all it needs.
.DEFAULT_GOAL := help
.PHONY: help up demo test check bench chaos schemas format lock clean run dev

bin := .venv/bin
compile := uv pip compile --quiet $(upgrade) --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
	$(patsubst %,--no-emit-package sluicegate-%,contracts chassis registration land-check power-grid notifier)
code := contracts chassis services deploy benchmarks tests

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

up: run ## start every service in one process on http://127.0.0.1:8080
	@$(bin)/sluicegate up

demo: run ## the annex projects and the worked scenarios, decided and compared with what is expected
	@$(bin)/sluicegate demo

test: dev ## all tests
	@$(bin)/python -m pytest

check: dev ## format, lint, types, import laws, generated schemas
	$(bin)/ruff format --check --quiet .
	$(bin)/ruff check --quiet .
	$(bin)/mypy $(code)
	$(bin)/lint-imports
	$(bin)/python -m contracts.generate --check
	$(bin)/python -m deploy.openapi --check

bench: dev ## speed on this machine, and its ratio to the raw floor of the same writes
	@$(bin)/python -m benchmarks

chaos: dev ## faults under load and a look at the books, SECONDS=60 for each system (SEED=, ON=embedded)
	@$(bin)/python -m tests.proof.chaos --seconds $(or $(SECONDS),60) $(if $(SEED),--seed $(SEED)) $(if $(ON),--on $(ON))

schemas: dev ## regenerate the schemas that check compares
	$(bin)/python -m contracts.generate
	$(bin)/python -m deploy.openapi

format: dev ## format the code and repair what ruff can
	$(bin)/ruff check --fix --quiet .
	$(bin)/ruff format --quiet .

lock: ## recompute the locked versions, add upgrade=--upgrade for the newest (needs uv)
	$(compile) deploy/pyproject.toml --group build -o requirements.txt
	$(compile) deploy/pyproject.toml --group build --group dev -c requirements.txt -o requirements-dev.txt

clean: ## remove .venv and everything generated (never the data directory)
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

run dev:
	@sh deploy/setup.sh $@
