#!/bin/sh
# Installs the package of dist/ in a clean Debian that debootstrap makes, tells the story of one referral there,
# and removes the package again. Needs root, debootstrap and Debian's mirror; takes some minutes.
#   sh deploy/debian/try.sh [SUITE] [FOLDER]
set -eu
cd "$(dirname "$0")/../.."

SUITE=${1:-bookworm}
ROOT=${2:-build/clean-$SUITE}
MIRROR=${MIRROR:-}
NEEDS=python3,python3-venv,adduser,gnupg,openssl,libseccomp2,ca-certificates

[ -d "$ROOT/etc" ] || debootstrap --variant=minbase --include=$NEEDS "$SUITE" "$ROOT" $MIRROR >/dev/null
DEBIAN=$(. "$ROOT/etc/os-release" && echo "$VERSION_ID")
cp dist/inbeeld_*+deb"$DEBIAN"_*.deb "$ROOT/tmp/inbeeld.deb"
[ -s "$ROOT/etc/hosts" ] || echo "127.0.0.1 localhost" >"$ROOT/etc/hosts"
mountpoint -q "$ROOT/proc" || mount -t proc proc "$ROOT/proc"
[ -c "$ROOT/dev/null" ] || mount --bind /dev "$ROOT/dev"
trap 'umount "$ROOT/proc"; umount "$ROOT/dev" 2>/dev/null || true' EXIT

inside() { chroot "$ROOT" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 "$@"; }

inside dpkg -i /tmp/inbeeld.deb
inside stat -c '%U:%G %a %n' /var/lib/inbeeld /etc/inbeeld /etc/inbeeld/inbeeld.toml
inside inbeeld --version
# Nothing of what the package lays down may be an error.
inside inbeeld check --offline
inside inbeeld demo --once
inside dpkg --remove inbeeld
[ -e "$ROOT/etc/inbeeld/inbeeld.toml" ] || { echo "the configuration is gone" >&2; exit 1; }
[ ! -e "$ROOT/usr/lib/inbeeld" ] || { echo "/usr/lib/inbeeld is still there" >&2; exit 1; }
echo "installed, worked and went; what was kept is still there"
