# Every target is a thin call: Windows users run the same commands without make (README).
.DEFAULT_GOAL := help
PY := .venv/bin/python
PORT ?= 8000
ifneq ($(CI),)
# In CI a machine's own pip settings must not hide a broken lock. Elsewhere they name the user's mirror and are kept:
# whatever a mirror serves is checked against the hashes of the lock.
export PIP_CONFIG_FILE := /dev/null
unexport PIP_FIND_LINKS PIP_EXTRA_INDEX_URL
endif
# Bytecode is kept whatever the environment says: without, each process compiles all that it imports.
unexport PYTHONDONTWRITEBYTECODE

# How many tests run at once; each file's tests run in order, in one process.
WORKERS ?= 2
PYTEST = $(PY) -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

# The commit whose answers the present code must give, and what make same-answers passes on (--small).
BASE := b69b1dd
ARGS :=

.PHONY: help setup demo port test check quick-tests lint same-answers bench docs vendor lock clean

help: ## 列出全部目标 / list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14
	@echo
	@echo 'PORT=8123           demo 所用的端口，默认 8000 / port of the demo'
	@echo 'PYTHON=python3.12   建立 .venv 所用的 Python，须 3.11+ / the Python that .venv is built with'
	@echo 'CI=true             不用本机的 pip 设置 / leave the pip settings of this machine aside'

setup: .venv/.run ## 建立 .venv 并编译计算内核（不画县） / build .venv with what runs the service and compile its kernels
	@echo '编译计算内核，约一分钟 / compiling the kernels, about a minute'
	@$(PY) -m geo.kernels

# The port is looked at before anything is installed. Ctrl+C is how the demo ends: the shell turns it into success.
demo: port .venv/.run ## 画一个虚构县，分析并在 127.0.0.1:8000 提供网页 / draw a fictional county, analyse it, serve it
	@trap 'exit 0' INT; .venv/bin/gridsight demo --dir demo-county --port $(PORT)

port:
	@$${PYTHON:-python3} scripts/check_port.py '$(PORT)'

test: .venv/.dev ## 检查与全部测试（root 会自动安装所需程序） / lint, types, import contracts and all tests (installs chromium, PostGIS, GDAL, QGIS and nginx if root)
	sh scripts/test_tools.sh
	sh scripts/ogc_tools.sh
	$(MAKE) lint
	$(PYTEST) --durations 30

check: .venv/.dev ## 检查，及不用服务器、浏览器与其他进程的测试 / lint, types, import contracts and the tests that need no server, browser or other process, side by side
	@$(MAKE) -j 2 lint quick-tests

quick-tests: .venv/.dev
	$(PYTEST) -q --hypothesis-profile light -m "not server and not browser and not process and not clients and not slow"

lint: .venv/.dev ## 格式、类型与导入约定 / format, types and import contracts
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	$(PY) -m scripts.page_types

same-answers: .venv/.dev ## 问 BASE 与现在的代码同样的问题，逐字节比较 / ask commit BASE and the present code the same questions, compare byte for byte (ARGS=--small)
	$(PY) -m scripts.same_answers $(BASE) $(ARGS)

bench: .venv/.dev ## 与同类软件并排计时 / measure against the named peers in one run (installs them if root)
	$(PY) -m tests.benchmarks

docs: .venv/.dev ## 离线生成文档网站并检查链接 / build the documentation site into build/docs, without a network, and check its links
	$(PY) -m scripts.docs_site

vendor: .venv/.dev ## 更新自带的网页资源 / refresh maps/static/vendor from npm
	$(PY) scripts/vendor.py

lock: ## 重新解析锁定文件（需要 uv） / resolve the lock files anew (needs uv)
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

clean: ## 删除 .venv 与编译产物；数据（demo-county、*.gpkg）不动 / remove .venv and build output; data stay
	rm -rf .venv .venv-* build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
