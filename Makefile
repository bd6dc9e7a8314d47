# Two commands matter: `make demo` and `make test`. The others are for people who change things.
# Needs Python 3.11, 3.12 or 3.13; everything else is installed into .venv from the locks in .ci.

BIN := .venv/bin
MAYBE_NONE = || [ $$? -eq 5 ]  # of these tests, none is among those asked for
RUNTIME := .venv/.runtime-installed
DEV := .venv/.dev-installed
ROOMY_MEMORY = $(shell [ "$$(df -k /dev/shm 2>&1 | awk 'END {print $$4 + 0}')" -gt 6000000 ] && echo /dev/shm)
export PYTHONDONTWRITEBYTECODE =  # code is compiled once, not by each process
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --no-input

.PHONY: demo test check proof proof-spark bench screenshots setup setup-full lint scripts audit lock clean

demo: $(RUNTIME)  ## a synthetic world, its nights and the dashboard
	@$(BIN)/matchbook demo $(ARGS)

# Thousands of small homes: in memory where there is room, and one thread a worker.
test: export PYTEST_DEBUG_TEMPROOT = $(ROOMY_MEMORY)
test: export OMP_NUM_THREADS = 1
test: $(DEV)  ## all tests but the proofs and benchmarks
	$(BIN)/pytest -n 3 --dist loadgroup $(ARGS)

check: lint test  ## format, lint, types, import rules, tests

lint: $(DEV)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

proof: $(DEV)  ## the stated sizes, faults and real data; takes long
	$(BIN)/pytest -m "proof and not timed" -n 3 --dist loadgroup -rfEP --show-capture=stdout --durations=15 $(ARGS) $(MAYBE_NONE)
	$(BIN)/pytest -m "proof and timed" -s $(ARGS) $(MAYBE_NONE)

proof-spark: $(DEV)  ## the same models on Apache Spark: every mart and export equal (Java 17)
	$(PIP) --require-hashes --no-deps --requirement .ci/spark.lock
	$(BIN)/pytest -m spark -s tests/warehouse tests/benchmarks/test_scale.py $(ARGS)

bench: $(DEV)  ## speeds, as ratios
	$(BIN)/pytest -m bench -s tests/benchmarks $(ARGS)

screenshots: $(DEV)  ## refresh docs/images from a demo world
	$(BIN)/python -m tests.screenshots $(ARGS)

setup: $(DEV)  ## install what tests and checks need

setup-full: $(DEV)  ## …and what some tests want: system packages (Debian or Ubuntu, as root), npm's
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
	  $$(sed 's/#.*//' .ci/system-packages.txt)
	.ci/npm ci --silent

scripts: $(DEV)  ## build the upload page's scripts from their sources
	.ci/npm ci --silent
	.ci/npm run --silent build

audit: $(DEV)  ## known weaknesses of the packages; says when nobody could be asked
	.ci/audit

lock: $(DEV)  ## refresh the locks from pyproject.toml
	$(PIP) uv
	.ci/lock

clean:  ## remove the environment and caches; the data under var/ stays
	rm -rf .venv .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis
	rm -rf dashboard/components/crm_hasher/node_modules dbt_project/target dbt_project/logs *.egg-info

$(RUNTIME): pyproject.toml .ci/runtime.lock
	@.ci/install runtime.lock
	@touch $@

$(DEV): pyproject.toml .ci/requirements.lock
	@.ci/install requirements.lock
	@touch $(RUNTIME) $@
