# Everything is run from the checkout; nothing of this project is installed, only what it depends on.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

export PATH := $(CURDIR)/$(BIN):$(PATH)
export PYTHONDONTWRITEBYTECODE =

# Make would expand "$5" in a text; what was typed goes to the recipe as it is.
TEXTS := NAME DOMAIN FORM WORDS LABELS COLUMN
$(foreach each,$(TEXTS),$(eval override $(each) := $$(value $(each))))
export $(TEXTS)

.DEFAULT_GOAL := help
.PHONY: help install task check preview repro plan compare test lint bench metrics-diff export

help:  ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

install: $(READY)  ## make .venv and install what constraints.txt pins
$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; name one: make PYTHON=python3.12 ..." if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt '.[test]'
	rm -rf build attrprompt_dvc.egg-info
	touch $(READY)

repro: check  ## run the pipeline: what changed since the last run, and nothing else
	dvc repro

# Options: DOMAIN="..." FORM="..." WORDS="4 80" LABELS=FILE COLUMN=..., else they are asked for; REPLACE=1 to run it alone.
task: install  ## a new task of your own: make task NAME=my_task
	@$(if $(NAME),,$(error which name? make task NAME=my_task))python -m stages.tasks new $(if $(NAME),"$$NAME") $(if $(DOMAIN),--domain "$$DOMAIN") $(if $(FORM),--form "$$FORM") \
		$(if $(WORDS),--words "$$WORDS") $(if $(LABELS),--labels "$$LABELS") $(if $(COLUMN),--column "$$COLUMN") \
		$(if $(REPLACE),--replace)

check: install  ## look at params.yaml and the tasks of the grid: every mistake, with its line, and advice
	@python -m stages.tasks check

# Options: METHOD=context for one method alone, YES=1 to ask and run without a question.
preview: install  ## what a task costs, and three texts a label, before the bill: make preview TASK=support_tickets
	@$(if $(TASK),,$(error which task? make preview TASK=support_tickets))python -m stages.tasks preview $(TASK) $(if $(METHOD),--method $(METHOD)) $(if $(YES),--yes)

plan: install  ## what the grid would ask of the model and cost; sends nothing
	@python -m stages.design.forecasting

# Options: METHODS="a b" (else the grid's), TOKENS=20000 in place of USD, MOST=40 texts a label, PAY=1 to ask for answers.
compare: install  ## methods at equal cost: make compare TASK=support_tickets METHODS="simprompt context" USD=0.02
	@python -m stages.compare $(if $(TASK),--task $(TASK)) $(if $(METHODS),--methods "$(METHODS)") $(if $(USD),--usd $(USD)) \
		$(if $(TOKENS),--tokens $(TOKENS)) $(if $(MOST),--most $(MOST)) \
		$(if $(WITH_ATTRIBUTES),--with-attributes) $(if $(PAY),--pay)

test: install lint  ## types, style and all tests
	python -m pytest -n 2 --dist loadfile

lint: install
	ruff check .
	ruff format --check .
	mypy

bench: install  ## print the figures of tests/bench
	@for each in tests/bench/bench_*.py; do python -m tests.bench.$$(basename $$each .py); done

BASE ?= main
metrics-diff: install  ## what moved between two revisions, as Markdown: make metrics-diff BASE=main HEAD=my-branch
	@python -m stages.measures.diff $(BASE) $(HEAD)

export: install  ## write a task's answers to data/recordings: make export TASK=support_tickets
	@$(if $(TASK),,$(error which task? make export TASK=support_tickets))python -m stages.llm.recordings $(TASK)
