# `make` lists the targets. Each one makes its own .venv when there is none.
PYTHON ?= python3
BUDGET ?= quick
JOBS ?= 2

BIN := .venv/bin
STAMP := .venv/.installed
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq

# Workers do the counting, not the linear algebra's own threads: same times and bits for any JOBS.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
export MKL_NUM_THREADS := 1
export VECLIB_MAXIMUM_THREADS := 1

.DEFAULT_GOAL := help
.PHONY: help .venv test lint types format reproduce bench nightly clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[.a-z]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.venv: $(STAMP)  ## make the virtual environment, from constraints.txt

$(STAMP): setup.cfg pyproject.toml constraints.txt
	$(PYTHON) -m venv --clear .venv
	$(PIP) install -c constraints.txt setuptools wheel build
	$(PIP) install -c constraints.txt --no-build-isolation -e ".[test]"
	touch $@

test: lint types  ## lint, types and the test suite
	$(BIN)/python -m pytest -n 2

lint: $(STAMP)  ## ruff: rules and format
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(STAMP)  ## mypy on the library
	$(BIN)/mypy

format: $(STAMP)  ## let ruff repair what it can
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

reproduce: $(STAMP)  ## judge every claim, write report and figures (BUDGET=quick|normal|deep, JOBS=2)
	$(BIN)/theorylab reproduce --budget $(BUDGET) --jobs $(JOBS)

bench: $(STAMP)  ## compare with what a user would pick instead
	@set -e; for script in benchmarks/[!_]*.py; do echo "$$script"; PYTHONPATH=. $(BIN)/python "$$script"; done

nightly: $(STAMP)  ## the long sweeps
	$(BIN)/python -m pytest -n 2 -m nightly

clean:  ## remove what was made: environment, caches, builds (results/ stays)
	rm -rf .venv build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -type d -name __pycache__ -prune -exec rm -rf {} +
