#!/bin/sh
# Makes .venv with everything the project needs. Run by make; PYTHON names the interpreter (default python3).
# What Debian must add (python3-venv, gpg, libseccomp2) is installed when we are root; otherwise the one line to type
# is shown.
set -eu

PYTHON=${PYTHON:-python3}

"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "setup: Python 3.11 or newer is needed; '$PYTHON' is $("$PYTHON" -V). Try: make setup PYTHON=python3.12" >&2
    exit 1
}

missing=
"$PYTHON" -c 'import ensurepip, venv' 2>/dev/null || missing="$missing python3-venv"
command -v gpg >/dev/null && command -v gpg-agent >/dev/null || missing="$missing gnupg"
command -v openssl >/dev/null || missing="$missing openssl"
"$PYTHON" -c 'import ctypes.util, sys; sys.exit(not ctypes.util.find_library("seccomp"))' || missing="$missing libseccomp2"
if [ -n "$missing" ]; then
    if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
        echo "setup: installing$missing"
        apt-get update -qq
        # shellcheck disable=SC2086 - a list of words
        DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing >/dev/null
    else
        echo "setup: please type this once, then try again:  sudo apt-get install -y$missing" >&2
        exit 1
    fi
fi

[ -x .venv/bin/python ] || "$PYTHON" -m venv .venv
echo "setup: installing the locked packages into .venv (about a minute the first time)"
PIP="env PIP_DISABLE_PIP_VERSION_CHECK=1 .venv/bin/python -m pip install --quiet"
# The lock names all there are: nothing has to look what else is wanted.
$PIP --no-compile --no-deps --require-hashes -r requirements-dev.txt
# pip would compile one module after the other. What can't be compiled (samples for other versions) is not used.
PYTHONWARNINGS=ignore .venv/bin/python -m compileall -qq -j 0 .venv/lib || true
$PIP --no-deps --no-build-isolation --editable .
echo "setup: ready; the command is .venv/bin/inbeeld"
