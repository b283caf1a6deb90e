# The whole developer interface. Needs Python 3.11+ with venv, git and make; installs everything else into .venv.
.DEFAULT_GOAL := demo
.PHONY: demo test check fmt bench clean

PYTHON ?= python3
UV_VERSION := 0.13.8
BIN := .venv/bin
STAMP := .venv/.installed
DRIFT := tests/integration/core/test_migrations.py
LOCALES := tests/integration/web/test_texts.py
export UV_PROJECT_ENVIRONMENT := .venv
export UV_LINK_MODE := copy
# Many images forbid it; then each of our many processes would compile everything again.
export PYTHONDONTWRITEBYTECODE :=

$(STAMP): pyproject.toml uv.lock
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet uv==$(UV_VERSION)
	@$(BIN)/uv sync --frozen --inexact --all-extras --all-groups --quiet
	@touch $@

demo: $(STAMP)
	@$(BIN)/python -m controlplane sandbox $(if $(ONCE),story,up)

test: $(STAMP)
	@$(BIN)/python -m pytest -n 3 --dist loadgroup --no-loadscope-reorder $(ARGS)

check: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q -n 0 tests/unit/house $(DRIFT) $(LOCALES)
	$(BIN)/uv lock --check

fmt: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(STAMP)
	@$(BIN)/python -m bench
