# One command each; see README.md. HOST, PORT and PYTHON may be given: make run PORT=9000
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# Byte code is kept: without it every process compiles every module again at each start.
unexport PYTHONDONTWRITEBYTECODE
ifdef HOST
export HOST
endif
ifdef PORT
export PORT
endif

.PHONY: run test lint bench chaos
.DELETE_ON_ERROR:

run: $(VENV)/runtime.stamp
	@$(BIN)/python manage.py serve

# Everything on SQLite; then, on PostgreSQL, what a database can change. The tests of one file
# stay together: some tell one story, and a browser or a server is started once a file. They go in
# the order of their folders: files of few tests that wait for a browser are not left to the end.
ON_EVERY_CORE := -n auto --dist loadfile --no-loadscope-reorder
test: $(VENV)/development.stamp
	$(BIN)/python -m pytest $(ON_EVERY_CORE)
	$(BIN)/python -m pytest $(ON_EVERY_CORE) --database postgres

lint: $(VENV)/development.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/djlint --lint --quiet templates
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py check

bench: $(VENV)/development.stamp
	$(BIN)/python -m bench

# Real processes killed, cut off and misled; ends with 1 when a message was lost.
chaos: $(VENV)/development.stamp
	$(BIN)/python -m tests.chaos

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "No $(PYTHON) found: install Python 3.11 or newer, or name it with PYTHON=..."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$$($(PYTHON) --version) is too old: Python 3.11 or newer is needed. Name one with PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "No virtual environment could be made: install the venv module (Debian: apt install python3-venv)"; exit 1; }

$(VENV)/runtime.stamp: requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install -qq --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/development.stamp: requirements.txt requirements-dev.txt | $(BIN)/python
	$(BIN)/python -m pip install -qq --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(VENV)/runtime.stamp
