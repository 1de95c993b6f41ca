# Everything that a person or the continuous integration runs here. `make` alone lists it.
ifeq ($(wildcard pyproject.toml),)
$(error Run make in the checkout: make -C "path of the checkout" ...)
endif

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory
# What one process of the tests has compiled, the thousands after it need not.
unexport PYTHONDONTWRITEBYTECODE

PYTHON := .venv/bin/python
PIP := $(PYTHON) -m pip -q --disable-pip-version-check
RUNTIME := .venv/runtime.stamp
DEV := .venv/dev.stamp
NODE_MODULES := web_ui/node_modules/installed.stamp
PAGE := qa_api/static/index.html
NPM := requirements/npm.sh --prefix web_ui
WEB_SOURCES := $(shell find web_ui -name node_modules -prune -o -type f -print 2>/dev/null)
PACKAGES := storage recorder indexer qa_api earwitness
COMPILED := .venv/compiled.stamp
LOCK := .venv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header

.PHONY: help
help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

$(PYTHON):
	@echo "Making .venv"
	@requirements/venv.sh

$(RUNTIME): requirements/runtime.lock requirements/build.lock pyproject.toml | $(PYTHON)
	@echo "Installing Earwitness into .venv, which takes a minute or two"
	@$(PIP) install --require-hashes -r requirements/runtime.lock -r requirements/build.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(DEV): requirements/dev.lock $(RUNTIME)
	@echo "Installing the tools for tests and checks into .venv"
	@$(PIP) install --require-hashes -r requirements/dev.lock
	@touch $@

$(NODE_MODULES): web_ui/package-lock.json | $(PYTHON)
	@echo "Installing what the web page is built with"
	@$(NPM) ci --silent --no-audit --no-fund
	@touch $@

$(PAGE): $(NODE_MODULES) $(WEB_SOURCES)
	@echo "Building the web page"
	@$(NPM) run --silent build -- --logLevel warn
	@touch $@

# Whoever runs a command need not be able to write here, and would compile all of it again every time.
$(COMPILED): $(RUNTIME) $(shell find $(PACKAGES) -name '*.py')
	@$(PYTHON) -m compileall -q $(PACKAGES)
	@touch $@

.PHONY: install
install: $(COMPILED) ## make .venv with everything that Earwitness needs to run

.PHONY: dev
dev: $(DEV) ## the same with the tools for tests and checks

.PHONY: web
web: $(PAGE) ## build the web page

.PHONY: demo
demo: $(COMPILED) $(PAGE) ## start a living call centre on this machine and print its address
	@$(PYTHON) -m earwitness demo $(ARGS)

.PHONY: test
test: $(DEV) $(COMPILED) $(PAGE) ## run all tests; ARGS="-k name" chooses
	@requirements/test-packages.sh
	@$(NPM) run --silent test
	@$(PYTHON) -m pytest -q -n auto --dist worksteal $(ARGS)

.PHONY: check
check: lint types arrows locks drift web-check ## style, types, arrows between the rooms, drift of what is generated

.PHONY: lint types arrows locks drift web-check
lint: $(DEV)
	@$(PYTHON) -m ruff check --quiet .
	@$(PYTHON) -m ruff format --check --quiet .

types: $(DEV)
	@$(PYTHON) -m mypy --no-error-summary

arrows: $(DEV)
	@.venv/bin/lint-imports --no-logo

locks: $(DEV)
	@$(PYTHON) -m pytest -q tests/test_locks.py

drift: $(DEV)
	@$(PYTHON) -m qa_api.openapi | diff -u web_ui/openapi.json - || \
		{ echo "web_ui/openapi.json is not what the API says: make openapi" >&2; exit 1; }

web-check: $(NODE_MODULES)
	@$(NPM) run --silent check

.PHONY: openapi
openapi: $(DEV) $(NODE_MODULES) ## write the API's description and the page's client again
	@$(PYTHON) -m qa_api.openapi > web_ui/openapi.json
	@$(NPM) run --silent generate

.PHONY: format
format: $(DEV) ## put all code into its one form
	@$(PYTHON) -m ruff check --fix --quiet . && $(PYTHON) -m ruff format --quiet .

.PHONY: bench
bench: $(DEV) ## measure; prints ratios
	@for name in finish_opus finish_wav replay playable growth flood search sealing copies scrub; do $(PYTHON) -m bench.$$name || exit; done

.PHONY: lock
lock: $(PYTHON) ## choose the versions of all dependencies anew
	@$(PIP) install uv
	@$(LOCK) pyproject.toml -o requirements/runtime.lock
	@$(LOCK) pyproject.toml --group dev --constraint requirements/runtime.lock -o requirements/dev.lock
	@$(LOCK) requirements/build.in --constraint requirements/dev.lock -o requirements/build.lock
	@$(LOCK) --group node -o requirements/node.lock

.PHONY: clean
clean: ## remove everything that was made here, .venv too
	@rm -rf .venv web_ui/node_modules qa_api/static dist .mypy_cache .ruff_cache .import_linter_cache .hypothesis *.egg-info
