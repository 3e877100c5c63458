# Two commands do everything: `make run` and `make test`. Both set up what they need in .venv and are quick the second time.

VENV := .venv
BIN := $(VENV)/bin
OUT ?= out/night
SAMPLES := data_samples

# The first interpreter that is new enough; `make run PYTHON=…` chooses another.
PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3.14 python3 python; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo "$$python"; break; }; done)

.PHONY: help run test compiled lint format types suite docs samples clean
.DEFAULT_GOAL := help

help:
	@echo "make run      set up, then settle the sample claims of $(SAMPLES)/ into $(OUT)/"
	@echo "make test     set up, then lint, types, import boundary and the tests, compiled"
	@echo "make lint     the checks alone (ruff, basedpyright, import-linter)"
	@echo "make format   let ruff rewrite what it can"
	@echo "make suite    the tests three ways: compiled, then those of kernels interpreted with coverage, and bounds-checked"
	@echo "make compiled the tests of make test alone"
	@echo "make docs     build the documentation into site/"
	@echo "make samples  draw the sample claims of $(SAMPLES)/ again"
	@echo "make clean    remove caches and results; .venv stays"

run: $(VENV)/.compiled
	@$(BIN)/daatgal run $(SAMPLES)/claims/claims.parquet --facilities $(SAMPLES)/claims/facilities.csv \
		--insured $(SAMPLES)/claims/insured.parquet --tariff $(SAMPLES)/tariffs/mn-demo --out $(OUT)

test: lint compiled

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/basedpyright
	$(BIN)/lint-imports

format: $(VENV)/.installed-dev
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

types: $(VENV)/.installed-dev
	$(BIN)/basedpyright

compiled: $(VENV)/.installed-dev
	$(BIN)/python tests/run_modes.py compiled

suite: $(VENV)/.installed-dev
	$(BIN)/python tests/run_modes.py

docs: $(VENV)/.installed-docs
	$(BIN)/mkdocs build --strict --config-file - < docs/mkdocs.yml

samples: $(VENV)/.installed
	$(BIN)/python $(SAMPLES)/claims/build.py

clean:
	rm -rf .numba-cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache .coverage* htmlcov out site

# A distribution may ship venv without its own pip: then the machine's pip installs one into it.
$(VENV)/.created:
	@test -n "$(PYTHON)" || { echo "daatgal needs Python 3.11 or newer, and found none: install it, or say make PYTHON=…" >&2; exit 1; }
	@echo "setting up $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 || \
		{ $(PYTHON) -m venv --clear --without-pip $(VENV) && $(PYTHON) -m pip --python $(BIN)/python install -qq pip; }
	@$(BIN)/python -m pip install -qq --upgrade 'pip>=25.1'
	@touch $@

$(VENV)/.installed: pyproject.toml | $(VENV)/.created
	@echo "installing daatgal and what it needs"
	@$(BIN)/python -m pip install -qq --editable .
	@touch $@

$(VENV)/.compiled: $(shell find engine -name '*.py') | $(VENV)/.installed
	@$(BIN)/daatgal warm-up
	@touch $@

$(VENV)/.installed-dev: pyproject.toml | $(VENV)/.created
	@echo "installing daatgal, what it needs and the tools that check it"
	@$(BIN)/python -m pip install -qq --editable . --group dev
	@touch $(VENV)/.installed $@

$(VENV)/.installed-docs: pyproject.toml | $(VENV)/.created
	@$(BIN)/python -m pip install -qq --editable . --group docs
	@touch $@
