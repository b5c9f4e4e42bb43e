#!/bin/sh
# Builds the Debian package for another Debian than this machine's: in a layer over the clean root of clean.sh, with
# that Debian's python3, from the wheel in dist/. Needs root, mmdebstrap, Debian's mirror and PyPI.
#   sh deploy/debian/build-in.sh [SUITE]
set -eu
cd "$(dirname "$0")/../.."

SUITE=${1:-trixie}

if [ -z "${LAYER:-}" ]; then
    ROOT=$(sh deploy/debian/clean.sh "$SUITE")
    LAYER=$(mktemp -d)
    trap 'rmdir "$LAYER"' EXIT
    ROOT=$ROOT LAYER=$LAYER unshare --mount --pid --fork --kill-child sh "$0" "$SUITE"
    exit
fi

mount -t tmpfs -o mode=755 tmpfs "$LAYER"
NEW=$LAYER/new
mkdir "$LAYER/over" "$LAYER/work" "$NEW"
mount -t overlay overlay -o "lowerdir=$ROOT,upperdir=$LAYER/over,workdir=$LAYER/work" "$NEW"
mkdir "$NEW/src"
mount --bind . "$NEW/src"
mount -t proc proc "$NEW/proc"
mount --bind /dev "$NEW/dev"
cp -L /etc/resolv.conf "$NEW/etc/resolv.conf"
# What this machine's pip needs to reach its index holds in there too.
if [ -f /etc/pip.conf ]; then
    cp /etc/pip.conf "$NEW/etc/pip.conf"
    mount --bind /etc/ssl/certs "$NEW/etc/ssl/certs"
fi

chroot "$NEW" sh -c 'cd /src && python3 -m venv /opt/build && BUILD_PYTHON=/opt/build/bin/python sh deploy/debian/build.sh'
