# Every target sets up what it needs; nothing has to be activated. `make help` lists them.
SHELL := /bin/bash
PYTHON ?= python3
# For `make fuzz`: the time for all targets together, and which of them.
SECONDS ?= 120
TARGETS ?=
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.natgw-setup
# Beside the environment and not in it: 35 MB that only the fuzzing needs.
FUZZER := .fuzz/atheris-3.0.0

# The machine's own choices must not reach our tests: a missing CLI config is a warning in every
# terraform output, and without byte code every start of the provider costs half a second more.
unexport TF_CLI_CONFIG_FILE
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo test soak fuzz compat check lint types layers docs docs-check package-test release bench lock clean

help:
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(STAMP) ## build .venv with everything in it

$(STAMP): pyproject.toml requirements.lock hatch_build.py $(wildcard handlers/natgw_provider/core/operations.py handlers/natgw_provider/aws/trimmed_models.py)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "natgw needs Python 3.11 or newer, found " + sys.version.split()[0] + ": set PYTHON=/path/to/python3.11")'
	@echo "natgw: setting up $(VENV), once, about a minute ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
	@echo "natgw: ready, the command is $(BIN)/natgw"

demo: $(STAMP) ## the main job end to end, against the simulator
	@$(BIN)/natgw demo

test: $(STAMP) ## every test; the end-to-end ones on the self-contained package, where it can be built
	@NATGW_PACKAGE=1 $(BIN)/python -m pytest -n 2 --dist worksteal -q

soak: $(STAMP) ## thousands of random lives, with faults, kills and outsiders; some minutes
	@NATGW_HYPOTHESIS_PROFILE=soak $(BIN)/python -m pytest -n 2 -q tests/resources/test_any_life.py tests/engine/test_any_trouble.py \
		tests/engine/test_any_crowd.py tests/engine/test_spoiled_answers.py tests/core/test_change_plan_on_a_model_of_aws.py

fuzz: $(STAMP) $(FUZZER) ## bytes from outside, with atheris: SECONDS=120 in all, TARGETS= some of them
	@PYTHONPATH=$(FUZZER) $(BIN)/python tests/fuzz/run.py --seconds $(SECONDS) $(TARGETS)

$(FUZZER):
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --no-deps --target $@ atheris==3.0.0

compat: $(STAMP) ## every Terraform that can be had, on this machine; fetches 600 MB once, then minutes
	@$(BIN)/python tests/compat/run.py

lint: $(STAMP) ## style, and what is unsafe in workflows
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/zizmor --offline --quiet .github

types: $(STAMP) ## mypy strict
	@$(BIN)/mypy

layers: $(STAMP) ## who may import whom
	@$(BIN)/lint-imports

docs: $(STAMP) ## write what is generated from the schema: the Registry's pages, the constructs' bindings
	@$(BIN)/python tools/generate.py

docs-check: $(STAMP) ## whether these are current
	@$(BIN)/python tools/generate.py --check

check: lint types layers docs-check test ## what CI runs

package-test: $(STAMP) ## the part of `make test` that runs on the package; some minutes
	@NATGW_PACKAGE=1 $(BIN)/python -m pytest -n 2 --dist worksteal -q tests/e2e tests/package

release: $(STAMP) ## build dist/: packages, sums, licences, a static mirror, wheel and sdist; SOURCE=HOST/NAMESPACE/natgw
	@$(BIN)/python tools/release.py $(if $(SOURCE),--source $(SOURCE))

bench: $(STAMP) ## measured figures, as ratios within one run
	@$(BIN)/python tests/bench/run.py

lock: ## recompute requirements.lock from pyproject.toml
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--all-extras --group dev pyproject.toml --output-file requirements.lock

clean: ## remove what was built
	@rm -rf $(VENV) handlers/natgw_provider/aws_data .fuzz .compat dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
