#!/bin/sh
# Builds the Debian package for another Debian than this machine's: inside a root that debootstrap makes, with that
# Debian's python3, from the wheel in dist/. Needs root, debootstrap, Debian's mirror and PyPI.
#   sh deploy/debian/build-in.sh [SUITE] [FOLDER]
set -eu
cd "$(dirname "$0")/../.."

SUITE=${1:-trixie}
ROOT=${2:-build/root-$SUITE}
MIRROR=${MIRROR:-}
NEEDS=python3,python3-venv,adduser,gnupg,openssl,libseccomp2,ca-certificates

[ -d "$ROOT/etc" ] || debootstrap --variant=minbase --include=$NEEDS "$SUITE" "$ROOT" $MIRROR >/dev/null
mkdir -p "$ROOT/src"
trap 'umount "$ROOT/dev" "$ROOT/proc" "$ROOT/src" 2>/dev/null || true' EXIT
mount --bind . "$ROOT/src"
mount -t proc proc "$ROOT/proc"
mount --bind /dev "$ROOT/dev"
cp -L /etc/resolv.conf "$ROOT/etc/resolv.conf"

# What the environment says of pip (a mirror, a certificate) holds there too.
chroot "$ROOT" sh -c 'cd /src && python3 -m venv /opt/build && BUILD_PYTHON=/opt/build/bin/python sh deploy/debian/build.sh'
