# `make run SOURCE=talk.vtt` and `make test` install what they need; a second call finds it installed.
SOURCE ?= src/autointel/samples/free-transit.vtt
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

# Start-up time is a promise: modules are compiled whatever the shell says.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup run fmt lint types imports audit test-fast test test-explore test-stores test-browser test-kills test-integration test-real test-scale bench docs docs-check check lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.run $(addprefix $(VENV)/.extra-,$(EXTRAS)) ## install autointel into .venv (EXTRAS=asr adds speech recognition, EXTRAS=llm serves GGUF files, EXTRAS=postgres keeps the catalogue in a database, EXTRAS=s3 keeps reports in a bucket, EXTRAS=scale works at a queue)

run: setup ## brief SOURCE=… (ENGINE=auto uses a configured model, ARGS='--json' passes options)
	@$(BIN)/autointel run "$(SOURCE)" --engine $(ENGINE) $(ARGS)

$(VENV)/.bootstrap: locks/bootstrap.txt scripts/find_python
	@python=$$(sh scripts/find_python) && echo "1/4 creating $(VENV) with $$python (once; all four take a minute or two)" >&2 && \
	  "$$python" -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r $<
	@touch $@

$(VENV)/.run: $(VENV)/.bootstrap locks/run.txt pyproject.toml src/autointel_bench/pyproject.toml
	@echo "2/4 installing $$(grep -c '^[a-z].*==' locks/run.txt) packages" >&2
	@$(INSTALL) -r locks/run.txt
	@echo "3/4 installing autointel" >&2
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable . --editable src/autointel_bench
	@echo "4/4 compiling, so that every start is fast" >&2
	@$(BIN)/python -m compileall -q -j 0 src $(VENV)/lib >/dev/null 2>&1 || true
	@touch $@

$(VENV)/.dev: $(VENV)/.run locks/dev.txt
	@echo "installing the tools for development" >&2
	@$(INSTALL) -r locks/dev.txt
	@touch $@

$(VENV)/.extra-asr: $(VENV)/.run locks/asr.txt
	@echo "installing speech recognition" >&2
	@$(INSTALL) -r locks/asr.txt
	@touch $@

$(VENV)/.extra-postgres: $(VENV)/.run locks/postgres.txt
	@echo "installing the client of PostgreSQL" >&2
	@$(INSTALL) -r locks/postgres.txt
	@touch $@

$(VENV)/.extra-llm: $(VENV)/.run locks/llm.txt
	@echo "installing llama.cpp" >&2
	@$(INSTALL) -r locks/llm.txt
	@touch $@

$(VENV)/.extra-s3: $(VENV)/.run locks/s3.txt
	@echo "installing the client of S3-like stores" >&2
	@$(INSTALL) -r locks/s3.txt
	@touch $@

$(VENV)/.extra-scale: $(VENV)/.run locks/scale.txt
	@echo "installing the queue's clients" >&2
	@$(INSTALL) -r locks/scale.txt
	@touch $@

fmt: $(VENV)/.dev ## format, and fix what ruff can fix
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet .

lint: $(VENV)/.dev ## check style with ruff
	@$(BIN)/ruff check . && $(BIN)/ruff format --check --quiet .

types: $(VENV)/.dev ## check types with mypy
	@$(BIN)/mypy

audit: $(VENV)/.dev ## hashes, licences, known weaknesses (ADVISORIES=FILE), list of components in build/sbom.json
	@$(BIN)/python scripts/audit.py --sbom build/sbom.json $(if $(ADVISORIES),--advisories $(ADVISORIES))

imports: $(VENV)/.dev ## check the layers: imports only go down
	@$(BIN)/lint-imports --no-logo

test-fast: $(VENV)/.dev ## the fast tests: no server, no coverage, fewer random examples
	@$(BIN)/pytest -q -n $(WORKERS) -m "not slow" --hypothesis-profile=fast tests/unit tests/contract tests/cli

test: $(VENV)/.dev ## all tests that need no server, with the coverage gate
	@$(BIN)/pytest -q -n $(WORKERS) --cov --cov-report=term:skip-covered tests --ignore=tests/integration --ignore=tests/real --ignore=tests/scale

test-explore: $(VENV)/.dev ## the property tests with new random examples; "make test" draws the same ones each time
	@$(BIN)/pytest -q -n $(WORKERS) -m hypothesis --hypothesis-profile=explore tests/unit

test-stores: $(VENV)/.dev ## graph, catalogue and artifacts on a real Neo4j, PostgreSQL and S3-like server, which scripts/services starts
	@scripts/services run --only neo4j,postgres,seaweedfs -- $(BIN)/pytest -q -n0 tests/integration/test_neo4j.py tests/integration/test_neo4j_access.py tests/integration/test_outbox.py tests/integration/test_postgres.py tests/integration/test_postgres_commands.py tests/integration/test_postgres_races.py tests/integration/test_s3.py tests/unit/adapters/catalogue

test-browser: $(VENV)/.dev ## the page and the server in a real browser (Debian's chromium, and axe-core from npm's registry)
	@scripts/services install --only chromium
	@$(BIN)/python scripts/fetch_axe.py >/dev/null
	@$(BIN)/pytest -q -n $(WORKERS) tests/integration/test_page_in_browser.py tests/integration/test_page_interactions.py tests/integration/test_serve_in_browser.py

test-kills: $(VENV)/.dev ## 25 kills of a run by each engine, of the writer to the stores, of Neo4j and of the line to Neo4j: half an hour
	@scripts/services run --only neo4j -- $(BIN)/pytest -q -n $(WORKERS) tests/integration/test_crash.py tests/integration/test_stores_killed.py

test-integration: $(VENV)/.dev ## everything that needs a browser, a server, a voice or many kills, with all that scripts/services starts
	@scripts/services install --only chromium,espeak-ng
	@$(BIN)/python scripts/fetch_axe.py >/dev/null
	@scripts/services run -- $(BIN)/pytest -q -n $(WORKERS) tests/integration

test-real: $(VENV)/.dev $(VENV)/.extra-llm ## tests with real models (170 MB, fetched once into .real)
	@$(BIN)/python scripts/real_parts.py small >/dev/null
	@$(BIN)/pytest -q -n0 tests/real

test-scale: $(VENV)/.dev ## workers, brokers and databases killed and restarted, on real servers (minutes)
	@scripts/services install --only redis,rabbitmq,postgres,neo4j
	@$(BIN)/pytest -q -n0 tests/scale

bench: $(VENV)/.dev ## every benchmark, against simulated servers; writes docs/benchmarks.md
	@for name in flags peer overhead startup slo search insert layers load; do \
	  $(BIN)/autointel bench $$name --out docs/benchmarks >/dev/null || echo "bench $$name: a promise is not kept" >&2; done
	@$(BIN)/autointel bench page docs/benchmarks

docs: $(VENV)/.dev ## write the generated pages
	@$(BIN)/python scripts/gen_docs.py

docs-check: $(VENV)/.dev
	@$(BIN)/python scripts/gen_docs.py --check

check: lint types imports docs-check test test-stores ## exactly what CI runs

lock: $(VENV)/.bootstrap ## resolve the dependencies again
	@$(UV) pip compile pyproject.toml --universal --generate-hashes --no-header --no-annotate -q -o locks/run.txt
	@$(UV) pip compile pyproject.toml --group dev --universal --generate-hashes --no-header --no-annotate -q -c locks/run.txt -o locks/dev.txt
	@$(UV) pip compile pyproject.toml --extra asr --universal --generate-hashes --no-header --no-annotate -q -c locks/run.txt -o locks/asr.txt
	@$(UV) pip compile pyproject.toml --extra llm --universal --generate-hashes --no-header --no-annotate -q -c locks/run.txt -o locks/llm.txt
	@$(UV) pip compile pyproject.toml --extra postgres --universal --generate-hashes --no-header --no-annotate -q -c locks/run.txt -o locks/postgres.txt
	@$(UV) pip compile pyproject.toml --extra s3 --universal --generate-hashes --no-header --no-annotate -q -c locks/run.txt -o locks/s3.txt
	@$(UV) pip compile pyproject.toml --extra scale --universal --generate-hashes --no-header --no-annotate -q -c locks/run.txt -o locks/scale.txt
	@$(UV) pip compile --group services --universal --generate-hashes --no-header --no-annotate -q -o locks/services.txt

clean: ## remove the environment and caches
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
