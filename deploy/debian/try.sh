#!/bin/sh
# Installs the package and the wheel of DIST (default dist) in a clean Debian without a network: the package tells the
# story of one referral and is removed again, and the wheel makes a working directory that 'inbeeld check' finds sound.
# Needs root, mmdebstrap and, the first time, Debian's mirror. tests/packages runs it for this machine's Debian.
#   sh deploy/debian/try.sh [SUITE] [DIST]
set -eu
cd "$(dirname "$0")/../.."

SUITE=${1:-$(. /etc/os-release && echo "$VERSION_CODENAME")}
DIST=${2:-dist}

if [ -z "${LAYER:-}" ]; then
    ROOT=$(sh deploy/debian/clean.sh "$SUITE")
    LAYER=$(mktemp -d)
    trap 'rmdir "$LAYER"' EXIT
    # Mounts, network and processes of its own: all of it is gone when this ends, however it ends.
    ROOT=$ROOT LAYER=$LAYER unshare --mount --net --pid --fork --kill-child sh "$0" "$SUITE" "$DIST"
    exit
fi

mount -t tmpfs -o mode=755 tmpfs "$LAYER"
NEW=$LAYER/new
mkdir "$LAYER/over" "$LAYER/work" "$NEW"
mount -t overlay overlay -o "lowerdir=$ROOT,upperdir=$LAYER/over,workdir=$LAYER/work" "$NEW"
mount -t proc proc "$NEW/proc"
mount --bind /dev "$NEW/dev"
mount -t tmpfs tmpfs "$NEW/dev/shm"
ip link set lo up

DEBIAN=$(. "$NEW/etc/os-release" && echo "$VERSION_ID")
cp "$DIST"/inbeeld_*+deb"$DEBIAN"_*.deb "$NEW/tmp/inbeeld.deb"
cp "$DIST"/inbeeld-*.whl "$NEW/tmp/"

inside() { chroot "$NEW" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 "$@"; }
fail() { echo "try: $*" >&2; exit 1; }

inside dpkg -i /tmp/inbeeld.deb
inside stat -c '%U:%G %a %n' /var/lib/inbeeld /etc/inbeeld /etc/inbeeld/inbeeld.toml
inside inbeeld --version
# Nothing of what the package lays down may be an error.
inside inbeeld check --offline
inside inbeeld demo --once
PARTS=/opt/parts
inside cp -a /usr/lib/inbeeld/site $PARTS
inside dpkg --remove inbeeld
[ -e "$NEW/etc/inbeeld/inbeeld.toml" ] || fail "the configuration is gone"
[ ! -e "$NEW/usr/lib/inbeeld" ] || fail "/usr/lib/inbeeld is still there"

# The wheel, in an environment as anybody makes one. Its dependencies are the package's, as that compiled them.
rm -rf "$NEW$PARTS/gateway" "$NEW$PARTS/adapters" "$NEW$PARTS"/inbeeld-*
inside python3 -m venv /opt/wheel
inside sh -c "echo $PARTS >\"\$(echo /opt/wheel/lib/python3*/site-packages)/parts.pth\""
inside sh -c '/opt/wheel/bin/pip install --quiet --no-index --no-deps /tmp/inbeeld-*.whl'
inside /opt/wheel/bin/inbeeld init /opt/place >/dev/null
inside /opt/wheel/bin/inbeeld --dir /opt/place check --offline

echo "installed, worked and went; what was kept is still there"
