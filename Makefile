# Every target is a thin call: Windows users run the same commands without make (README).
.DEFAULT_GOAL := help
PY := .venv/bin/python
# A machine's own pip settings must not hide a broken lock.
export PIP_CONFIG_FILE := /dev/null
unexport PIP_FIND_LINKS PIP_EXTRA_INDEX_URL
# Bytecode is kept whatever the environment says: without, each process compiles all that it imports.
unexport PYTHONDONTWRITEBYTECODE

# How many tests run at once; each file's tests run in order, in one process.
WORKERS ?= 2
PYTEST = $(PY) -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

# The commit whose answers the present code must give, and what make same-answers passes on (--small).
BASE := b69b1dd
ARGS :=

.PHONY: help setup demo test check quick-tests lint same-answers bench vendor lock clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

setup: .venv/.run ## build .venv with what runs the service (wheels only) and compile its kernels
	$(PY) -m geo.kernels

demo: .venv/.run ## draw a fictional county, analyse it, serve it on http://127.0.0.1:8000
	.venv/bin/gridsight demo --dir demo-county

test: .venv/.dev ## lint, types, import contracts and all tests (installs chromium, PostGIS, GDAL and QGIS if root)
	sh scripts/test_tools.sh
	sh scripts/ogc_tools.sh
	$(MAKE) lint
	$(PYTEST) --durations 30

check: .venv/.dev ## lint, types, import contracts and the tests that need no server, browser or other process, side by side
	@$(MAKE) -j 2 lint quick-tests

quick-tests: .venv/.dev
	$(PYTEST) -q --hypothesis-profile light -m "not server and not browser and not process and not clients and not slow"

lint: .venv/.dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

same-answers: .venv/.dev ## ask commit BASE and the present code the same questions, compare byte for byte (ARGS=--small)
	$(PY) -m scripts.same_answers $(BASE) $(ARGS)

bench: .venv/.dev ## measure against the named peers in one run (installs them if root)
	$(PY) -m tests.benchmarks

vendor: .venv/.dev ## refresh maps/static/vendor from npm
	$(PY) scripts/vendor.py

lock: ## resolve the lock files anew (needs uv)
	uv --no-config pip compile --universal --python-version 3.11 --generate-hashes --no-header -q pyproject.toml --group build -o requirements.lock
	uv --no-config pip compile --universal --python-version 3.11 --generate-hashes --no-header -q pyproject.toml --extra server --group build -o requirements-server.lock
	uv --no-config pip compile --universal --python-version 3.11 --generate-hashes --no-header -q pyproject.toml --extra server --group build --group dev -o requirements-dev.lock
	uv --no-config pip compile --universal --python-version 3.11 --generate-hashes --no-header -q requirements-ogc.in -o requirements-ogc.lock
	uv --no-config pip compile --universal --python-version 3.11 --generate-hashes --no-header -q requirements-peers.in -o requirements-peers.lock

.venv/.run: requirements.lock pyproject.toml scripts/make_venv.sh
	sh scripts/make_venv.sh requirements.lock
	touch $@

.venv/.dev: requirements-dev.lock pyproject.toml scripts/make_venv.sh
	sh scripts/make_venv.sh requirements-dev.lock
	$(PY) -m geo.kernels
	touch .venv/.run $@

clean: ## remove what the targets made
	rm -rf .venv demo-county build dist
