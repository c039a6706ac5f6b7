# `make run` serves, `make test` tests; both first set up what is missing (tools/ready.py).

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv/bin
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help run test bench drill lint

help: ## Say what can be made
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

run: ready-run ## Set up what is missing, then serve on 127.0.0.1:$PORT (8000); DATABASE_URL for PostGIS
	@exec $(VENV)/python -m tools.start

test: ready-test ## Run the tests on SpatiaLite, PostGIS and Chromium; ARGS="tests/places -k locate" for a part
	@exec env -u PYTHONDONTWRITEBYTECODE $(VENV)/pytest -n 3 --dist worksteal $(ARGS)

bench: ready-test ## Measure what docs/architecture.md promises; ARGS="locate" for one of bench/
	@exec $(VENV)/python -m tools.bench $(ARGS)

drill: ready-test ## Kill -9 the worker and web workers 50 times each on both databases; ARGS="--kills 5 spatialite"
	@exec $(VENV)/python -m tools.drill $(ARGS)

lint: ready-lint ## Check style and types
	@$(VENV)/ruff check && $(VENV)/ruff format --check && $(VENV)/mypy

ready-%:
	@test -n "$(PYTHON)" || { echo "Wangge needs Python 3.11 or newer; install it, then try again." >&2; exit 1; }
	@$(PYTHON) -m tools.ready $*
