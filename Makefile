# The two commands of the README. Everything they do is in scripts/make.py, for Windows' sake.
PYTHON ?= python3

.PHONY: demo test bench clean

demo:
	@$(PYTHON) -m scripts.make demo

test:
	@$(PYTHON) -m scripts.make test

bench:
	@$(PYTHON) -m scripts.make bench

clean:
	rm -rf .venv demo .mypy_cache .ruff_cache .pytest_cache .hypothesis
