# `make run SOURCE=talk.vtt` and `make test` do all the set-up they need; a second call finds it done.
SOURCE ?= docs/samples/free-transit.vtt
ENGINE ?= local
ARGS ?=
EXTRAS ?=
WORKERS ?= auto
export PYTHON

VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
# Exactly what the lock says: hashed, and without resolving again (crewai's unused 340 MB stay out).
INSTALL := $(UV) pip install --quiet --python $(BIN)/python --require-hashes --no-deps

# Start-up time is a promise: compiled modules are kept whatever the shell says.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup run fmt lint types imports test-fast test test-integration bench docs docs-check check lock clean

help: ## what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.run $(if $(EXTRAS),$(VENV)/.extra-$(EXTRAS)) ## the program's own environment (EXTRAS=asr adds speech recognition)

run: setup ## SOURCE=… the briefing of a source (ENGINE=auto to use a configured model, ARGS='--json' for options)
	@$(BIN)/autointel run "$(SOURCE)" --engine $(ENGINE) $(ARGS)

$(VENV)/.bootstrap: locks/bootstrap.txt scripts/find_python
	@python=$$(sh scripts/find_python) && echo "setting up $(VENV) with $$python (once, a minute or two)" >&2 && \
	  "$$python" -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r $<
	@touch $@

$(VENV)/.run: $(VENV)/.bootstrap locks/run.txt pyproject.toml src/autointel_bench/pyproject.toml
	@$(INSTALL) -r locks/run.txt
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable . --editable src/autointel_bench
	@$(BIN)/python -m compileall -q -j 0 src $(VENV)/lib >/dev/null 2>&1 || true
	@touch $@

$(VENV)/.dev: $(VENV)/.run locks/dev.txt
	@$(INSTALL) -r locks/dev.txt
	@touch $@

$(VENV)/.extra-asr: $(VENV)/.run locks/asr.txt
	@$(INSTALL) -r locks/asr.txt
	@touch $@

fmt: $(VENV)/.dev ## format and mend what can be mended
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet .

lint: $(VENV)/.dev ## ruff
	@$(BIN)/ruff check . && $(BIN)/ruff format --check --quiet .

types: $(VENV)/.dev ## mypy, strict
	@$(BIN)/mypy

imports: $(VENV)/.dev ## the floors: imports only go down
	@$(BIN)/lint-imports --no-logo

test-fast: $(VENV)/.dev ## unit, contract and command-line tests; no server, no coverage, fewer drawn examples
	@$(BIN)/pytest -q -n $(WORKERS) --dist loadgroup -m "not slow" --hypothesis-profile=fast tests/unit tests/contract tests/cli

test: $(VENV)/.dev ## every test that needs no server, with the coverage gate
	@$(BIN)/pytest -q -n $(WORKERS) --dist loadgroup --cov --cov-report=term:skip-covered tests --ignore=tests/integration

test-integration: $(VENV)/.dev ## against real servers that scripts/services installs, starts and stops
	@scripts/services run -- $(BIN)/pytest -q -n $(WORKERS) --dist loadgroup tests/integration

bench: $(VENV)/.dev ## flags on against flags off, in the simulated typical profile
	@$(BIN)/autointel bench flags

docs: $(VENV)/.dev ## write the generated pages
	@$(BIN)/python scripts/gen_docs.py

docs-check: $(VENV)/.dev
	@$(BIN)/python scripts/gen_docs.py --check

check: lint types imports docs-check test ## exactly what CI runs

lock: $(VENV)/.bootstrap ## resolve the dependencies anew
	@$(UV) pip compile pyproject.toml --universal --generate-hashes --no-header --no-annotate -q -o locks/run.txt
	@$(UV) pip compile pyproject.toml --group dev --universal --generate-hashes --no-header --no-annotate -q -c locks/run.txt -o locks/dev.txt
	@$(UV) pip compile pyproject.toml --extra asr --universal --generate-hashes --no-header --no-annotate -q -c locks/run.txt -o locks/asr.txt

clean: ## remove the environment and caches
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
