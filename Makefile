# Smart Kampung: `make run` for a village on this machine, `make test` for everything that must hold.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
export PIP_CONSTRAINT := $(CURDIR)/constraints.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export npm_config_update_notifier := false
# The village and its tests are many short-lived programs: each would compile all of its sources again where compiled ones may not be kept.
unexport PYTHONDONTWRITEBYTECODE
RUN_STAMP := .venv/.installed-run
TEST_STAMP := .venv/.installed-dev
PACKAGING := pyproject.toml constraints.txt hatch_build.py $(wildcard cloud/kampung_cloud/ingest/usual/*.c cloud/kampung_cloud/ingest/usual/build.py)
UI_SOURCES := $(shell find kiosk-ui -path kiosk-ui/node_modules -prune -o -path kiosk-ui/kampung_ui -prune -o -type f -print 2>/dev/null)

.PHONY: run setup test lint pages unit bench chaos nightly fuzz screenshots servers lock clean help

help: ## what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; this is $$($(PYTHON) --version)"; exit 1; }
	$(PYTHON) -m venv .venv

$(RUN_STAMP): $(BIN)/python $(PACKAGING) $(UI_SOURCES)
	@echo "Menyiapkan Smart Kampung (sekali saja, beberapa menit pada jaringan lambat) …"
	$(BIN)/pip install --quiet --no-compile --editable '.[sim]'
	@touch $@

$(TEST_STAMP): $(RUN_STAMP)
	$(BIN)/pip install --quiet --no-compile --editable '.[dev]'
	@touch $@

setup: $(RUN_STAMP) ## install what running needs, into .venv

run: $(RUN_STAMP) ## a village on this machine: kiosk on 8081, regency on 8080, messages on 8082 (KAMPUNG_KIOSK_PORT, KAMPUNG_CLOUD_PORT, KAMPUNG_MESSAGES_PORT)
	@exec $(BIN)/kampung-sim village

servers: ## what tests need from Debian: brokers, compilers and Chromium
	@tools/servers

test: servers $(TEST_STAMP) lint pages unit ## everything that must hold

lint: $(TEST_STAMP) ## ruff, mypy, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

pages: $(TEST_STAMP) ## vitest over the pages' own logic
	cd kiosk-ui && ../$(BIN)/node node_modules/vitest/vitest.mjs run

unit: $(TEST_STAMP) ## pytest, fast ones first; four side by side, since tests mostly wait
	$(BIN)/pytest --numprocesses 4 --durations 15

bench: servers $(TEST_STAMP) ## measure; results in benchmarks/results
	$(BIN)/python -m benchmarks

SEED ?= 1
chaos: servers $(TEST_STAMP) ## 1,000 kills and every fault (20 minutes), 300 power cuts; reports in artifacts and benchmarks/results (SEED=N)
	$(BIN)/kampung-sim chaos --seed $(SEED) --seconds 1200 --kills 1000 --sensors 2 --drain 300 --json artifacts/chaos-$(SEED).json
	$(BIN)/python -m benchmarks power_cut

nightly: chaos ## chaos, and the measurements that take minutes each
	$(BIN)/python -m benchmarks edge_cost fifty_sensors restart backlog receipts_lost links messages letters day
	KAMPUNG_SCHEMA_EXAMPLES=60 KAMPUNG_SCHEMA_PATHS='^/api/v1/(?!stream)' $(BIN)/pytest tests/cloud/test_schema_holds.py

fuzz: $(TEST_STAMP) ## every decoder under atheris, a minute each
	$(BIN)/pip install --quiet atheris==3.0.0
	$(BIN)/python -m tests.bridge.fuzz --seconds 60

screenshots: servers $(TEST_STAMP) ## pictures of the running village's pages, into artifacts/screenshots
	$(BIN)/pytest tests/e2e -k screenshots

lock: ## renew constraints.txt from what is installed now
	$(BIN)/pip freeze --exclude-editable | grep -v -E '^(pip|setuptools|wheel)==| @ ' > constraints.txt

clean: ## forget builds and the simulated village's state
	rm -rf .venv var artifacts kiosk-ui/node_modules kiosk-ui/kampung_ui/dist
