# The commands of the project. `make run` and `make test` prepare what they need by themselves.

PYTHON_IN_VENV = .venv/bin/python

.PHONY: run test lint format environment environment-with-spark lock screenshots clean

run: environment  ## Start everything on this machine; PORT and DATABASE_URL are honoured
	@exec $(PYTHON_IN_VENV) manage.py serve

test: environment-with-spark lint  ## Linters, types, architecture contracts, then the whole suite
	$(PYTHON_IN_VENV) -m pytest -n auto --maxprocesses 8 $(PYTEST_OPTIONS)

lint: environment
	$(PYTHON_IN_VENV) -m ruff check .
	$(PYTHON_IN_VENV) -m ruff format --check .
	$(PYTHON_IN_VENV) -m mypy .
	.venv/bin/lint-imports

format: environment
	$(PYTHON_IN_VENV) -m ruff check --fix .
	$(PYTHON_IN_VENV) -m ruff format .

environment:
	@sh scripts/environment

environment-with-spark:
	@sh scripts/environment spark

lock:  ## Newest versions the project allows, into requirements.lock
	@sh scripts/lock

screenshots: environment  ## Pictures of every page of the running demo, into docs/screens
	$(PYTHON_IN_VENV) scripts/screenshots.py $(SCREEN)

clean:  ## The environment and what tools left; not the data in .data
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis staticfiles
