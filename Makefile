# One command each: `make demo`, `make test`. Everything Python goes into .venv; nothing else is touched, but that
# `make test` installs Dovecot and Chromium where it may (root on Debian).

PYTHON ?= $(firstword $(foreach p,python3.13 python3.12 python3.11 python3,$(if $(shell $(p) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo yes),$(p))))
BIN := .venv/bin
RUNS := .venv/.runs
READY := .venv/.ready
JOBS ?= auto

.DEFAULT_GOAL := help
.PHONY: help demo test coverage lint format lock samples dist wheel-test docs pictures completions licences clean

help:  ## what there is to make
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1	\2/p' $(MAKEFILE_LIST)

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "attachwatch needs Python 3.11 or newer; name one with make PYTHON=/path/to/python3" >&2; exit 2; }
	$(PYTHON) -m venv .venv

$(RUNS): requirements/runtime.txt pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/runtime.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

$(READY): requirements/dev.txt pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@ $(RUNS)

demo: $(RUNS)  ## replay an authority's answer through the real pipeline
	$(BIN)/attachwatch demo

test: $(READY)  ## the whole suite, against a real Dovecot, in a real Chromium, where they can be had
	@sh tests/install.sh
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal

coverage: $(READY)  ## the same, and which lines it ran, in every process; takes twice as long
	@sh tests/install.sh
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal --cov --cov-report=term:skip-covered

lint: $(READY)  ## style, types, and which package may import which
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY)  ## put the code into its one style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(READY)  ## pin the newest versions, with hashes
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header --no-annotate pyproject.toml --group dev -o requirements/dev.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header --no-annotate -c requirements/dev.txt pyproject.toml -o requirements/runtime.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header --no-annotate -c requirements/dev.txt --extra microsoft365 --extra pdf --extra postgres --extra s3 \
	  pyproject.toml -o requirements/container.txt

samples: $(READY)  ## make corrupt_samples/ anew
	$(BIN)/python corrupt_samples/generate.py

# The same commit gives the same bytes.
dist: export SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || echo 1580601600)
dist: $(READY)  ## build wheel and sdist into dist/, and check them
	rm -rf dist
	$(BIN)/python -m hatchling build
	$(BIN)/twine check --strict dist/*
	$(BIN)/check-wheel-contents dist/*.whl

wheel-test: $(READY)  ## install the wheel into an environment outside this checkout, and run it there
	$(BIN)/python -m pytest tests/test_wheel.py

docs: export NO_MKDOCS_2_WARNING = 1
docs: $(READY)  ## build the documentation into site/
	$(BIN)/python -m mkdocs build --quiet --strict

pictures: $(READY)  ## take the pictures of the documentation anew
	$(BIN)/python -m docs.generate.pictures

licences: $(READY)  ## write the table of docs/licences.md anew, and fail for a licence that Apache-2.0 does not go with
	$(BIN)/python -m docs.generate.licences

completions: $(READY)  ## write share/completions/ and share/man/ anew, as the installed click has them
	$(BIN)/python -m docs.generate.man > share/man/attachwatch.1
	for shell in bash fish zsh; do $(BIN)/attachwatch completion $$shell > share/completions/attachwatch.$$shell; done

clean:  ## remove what make made
	rm -rf .venv .coverage* .mypy_cache .ruff_cache .pytest_cache .import_linter_cache dist site
