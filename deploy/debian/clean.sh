#!/bin/sh
# Prints the folder of a clean Debian: what every Debian has and what the package depends on, nothing else. It is made
# once, with mmdebstrap, and then stays as it is: try.sh and the container work on copies and layers. Needs root and
# Debian's mirror.
#   sh deploy/debian/clean.sh [SUITE]
set -eu

SUITE=${1:-$(. /etc/os-release && echo "$VERSION_CODENAME")}
ROOTS=${CLEAN_ROOTS:-/var/cache/inbeeld}
NEEDS=python3,python3-venv,adduser,gnupg,openssl,libseccomp2,ca-certificates
# One made for other needs is another one.
ROOT=$ROOTS/$SUITE-$(echo "$NEEDS" | cksum | cut -d' ' -f1)

command -v mmdebstrap >/dev/null || { echo "clean: mmdebstrap is missing; install Debian's mmdebstrap" >&2; exit 1; }
mkdir -p "$ROOTS"
exec 9>"$ROOTS/lock"
flock 9
if [ ! -d "$ROOT" ]; then
    echo "clean: making a clean $SUITE in $ROOT" >&2
    rm -rf "$ROOT.part"
    # A power cut may spoil it, and then it is made anew: no file waits for the disk.
    mmdebstrap --quiet --mode=root --variant=apt --include="$NEEDS" --dpkgopt=force-unsafe-io \
        --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
        "$SUITE" "$ROOT.part" ${MIRROR:-} >&2
    [ -s "$ROOT.part/etc/hosts" ] || echo "127.0.0.1 localhost" >"$ROOT.part/etc/hosts"
    mv "$ROOT.part" "$ROOT"
fi
echo "$ROOT"
