# `make run` and `make test` do all their own set-up in .venv; nothing else is needed but Python 3.11.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
TRAIN_VENV := .venv-train
BIN := $(VENV)/bin
ARGS ?=
DATA ?= data

.PHONY: run test test-postgresql lint fmt fuzz bench load faults by-hand worker train retrain evaluate clean

run: $(VENV)/.serve
	@$(BIN)/qa-service demo $(ARGS)

test: $(VENV)/.dev
	$(BIN)/python -m pytest $(ARGS)

# the API and the contract of the store; PostgreSQL must be installed (Debian: postgresql)
test-postgresql: export QA_TEST_DATABASE = postgresql
test-postgresql: export QA_REQUIRE_SERVICES = 1
test-postgresql: $(VENV)/.dev
	$(BIN)/python -m pytest tests/unit/api tests/unit/storage tests/contract tests/security tests/integration/test_api_fuzz.py $(ARGS)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint api/pages/templates --check --lint --quiet
	$(BIN)/hadolint Dockerfile
	$(BIN)/typos

fmt: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.dev
	$(BIN)/python -m tests.bench $(ARGS)
	$(BIN)/python -m tests.bench.rules
	$(BIN)/python -m tests.bench.worst_case

# EXAMPLES: requests of each operation; QA_TEST_DATABASE=postgresql runs them on PostgreSQL
EXAMPLES ?= 200
fuzz: $(VENV)/.dev
	QA_FUZZ_EXAMPLES=$(EXAMPLES) $(BIN)/python -m pytest -s tests/integration/test_api_fuzz.py $(ARGS)

# PostgreSQL and Redis must be installed (Debian: postgresql, redis-server); each takes some minutes on an idle machine
load: $(VENV)/.dev
	$(BIN)/python -m tests.load $(ARGS)

faults: $(VENV)/.dev
	$(BIN)/python -m tests.faults.run $(ARGS)

by-hand: $(VENV)/.dev $(TRAIN_VENV)/.installed
	$(BIN)/python -m tests.bench.by_hand --python $(TRAIN_VENV)/bin/python $(ARGS)

worker: $(VENV)/.serve
	$(BIN)/qa-service worker $(ARGS)

# DATA: folder of the openly licensed sets (models/mood/card.md names them)
train: $(TRAIN_VENV)/.installed
	$(TRAIN_VENV)/bin/python -m training.train_mood --data $(DATA) --out build/deep
	$(TRAIN_VENV)/bin/python -m training.distil --data $(DATA) --teacher build/deep --out build/mood
	$(TRAIN_VENV)/bin/python -m training.train_mood --data $(DATA) --teacher build/deep --out build/mood
	$(TRAIN_VENV)/bin/python -m training.train_heads
	$(TRAIN_VENV)/bin/python -m training.calibrate
	$(TRAIN_VENV)/bin/python -m training.export_mood

evaluate: $(TRAIN_VENV)/.installed
	$(TRAIN_VENV)/bin/python -m training.evaluate_mood $(ARGS)

# VERDICTS: a file of `qa-service export verdicts` (docs/learning.md)
retrain: $(TRAIN_VENV)/.installed
	@test -n "$(VERDICTS)" || { echo "make retrain VERDICTS=verdicts.jsonl"; exit 2; }
	$(TRAIN_VENV)/bin/python -m training.collect_verdicts $(VERDICTS)
	rm -rf build/retrain models/candidate
	$(TRAIN_VENV)/bin/python -m training.train_mood --start models/mood --verdicts $(VERDICTS) --config training/configs/retrain.yaml --out build/retrain
	$(TRAIN_VENV)/bin/python -m training.train_heads --train build/retrain --verdicts $(VERDICTS)
	$(TRAIN_VENV)/bin/python -m training.calibrate --train build/retrain
	$(TRAIN_VENV)/bin/python -m training.export_mood --train build/retrain --out models/candidate
	$(TRAIN_VENV)/bin/python -m training.promote

clean:
	rm -rf $(VENV) $(TRAIN_VENV) build var

$(VENV)/.serve: pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.serve
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

$(TRAIN_VENV)/.installed: pyproject.toml
	@test -x $(TRAIN_VENV)/bin/python || $(PYTHON) -m venv $(TRAIN_VENV)
	@$(TRAIN_VENV)/bin/python -m pip install --quiet --disable-pip-version-check torch==2.13.0
	@$(TRAIN_VENV)/bin/python -m pip install --quiet --disable-pip-version-check -e '.[train]'
	@touch $@
