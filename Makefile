# `make sample` and `make test` are all that a fresh machine with Python 3.11 and make needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: install sample test bigquery lint types contracts golden catalogue bench lab clean

install: $(STAMP)

$(STAMP): pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable . --group dev
	touch $@

sample: $(STAMP)
	$(BIN)/loganalyze since 1h --sample

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

contracts: $(STAMP)
	$(BIN)/lint-imports

# The suite runs with the scanner that is installed, Hyperscan; what a scanner touches runs with RE2 as well.
test: lint types contracts bigquery
	$(BIN)/python -m pytest -n 2 --cov --cov-report=term
	LOGANALYZE_SCANNER=re2 $(BIN)/python -m pytest -n 2 tests/matching tests/skim tests/golden tests/test_pipeline.py

# BigQuery's stand-in, which the tests of --source bigquery start.
BIGQUERY := $(CURDIR)/.bigquery
bigquery: $(BIGQUERY)/.installed

$(BIGQUERY)/.installed: tests/bigquery/requirements.txt
	test -x $(BIGQUERY)/venv/bin/python || $(PYTHON) -m venv $(BIGQUERY)/venv
	$(BIGQUERY)/venv/bin/python -m pip install --quiet --requirement tests/bigquery/requirements.txt
	HOME=$(BIGQUERY) $(BIGQUERY)/venv/bin/python -c "import duckdb_extensions as all; all.import_extension('spatial')"
	touch $@

# Writes docs/performance.md and .json; compares with ripgrep where it is installed. The corpora take 7 GB in CORPORA.
# Quicker: make bench SIZES=100000 ROUNDS=1; one section: make bench BENCH="--only reader"
SIZES ?= 100000 1000000 5000000
ROUNDS ?= 3
CORPORA ?= /tmp/loganalyze-bench
BENCH ?=
bench: $(STAMP)
	$(BIN)/python -m pip install --quiet --group bench
	$(BIN)/python -m benchmarks --entries $(SIZES) --rounds $(ROUNDS) --folder $(CORPORA) $(BENCH)

# Writes the golden reports anew; read the difference before you commit it.
golden: $(STAMP)
	$(BIN)/python -m pytest tests/golden --update-golden

# Runs the tools anew and writes what they print to tests/lab/captures; LAB=alembic only those of one tool.
LAB_HOME := .lab
lab: $(STAMP) $(LAB_HOME)/.installed
	$(BIN)/python -m tests.lab $(LAB)

$(LAB_HOME)/.installed: tests/lab/requirements.txt tests/lab/npm/package-lock.json
	mkdir -p $(LAB_HOME)/npm
	test -x $(LAB_HOME)/venv/bin/python || $(PYTHON) -m venv $(LAB_HOME)/venv
	$(LAB_HOME)/venv/bin/python -m pip install --quiet --requirement tests/lab/requirements.txt
	cp tests/lab/npm/package.json tests/lab/npm/package-lock.json $(LAB_HOME)/npm/
	if command -v npm; then npm ci --prefix $(LAB_HOME)/npm --ignore-scripts --no-audit --no-fund; fi
	touch $@

# Writes the generated documents anew: the rule catalogue and the two JSON Schemas.
catalogue: $(STAMP)
	$(BIN)/python -m analyzer.ruleset.catalogue docs/rule-catalogue.md
	$(BIN)/python -m analyzer.ruleset.schema docs/rule.schema.json

clean:
	rm -rf $(VENV) $(LAB_HOME) $(BIGQUERY) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
