#!/bin/sh
# Builds the image with the wheel of DIST (default dist), on a Debian that clean.sh makes, and runs it: no network, a
# read-only root, no rights. The story of one referral is told, then it serves and its health check is asked. Needs
# root, mmdebstrap, buildah, podman, crun and catatonit, Debian's mirror and PyPI.
#   sh deploy/container/try.sh [SUITE] [DIST]
set -eu
cd "$(dirname "$0")/../.."

SUITE=${1:-$(. /etc/os-release && echo "$VERSION_CODENAME")}
DIST=${2:-dist}

if [ -z "${PLACE:-}" ]; then
    for tool in buildah podman crun; do
        command -v $tool >/dev/null || { echo "try: $tool is missing; install Debian's $tool" >&2; exit 1; }
    done
    ROOT=$(sh deploy/debian/clean.sh "$SUITE")
    PLACE=$(mktemp -d)
    trap 'rmdir "$PLACE"' EXIT
    ROOT=$ROOT PLACE=$PLACE unshare --mount --pid --fork --kill-child --mount-proc sh "$0" "$SUITE" "$DIST"
    exit
fi

# All of it is gone when this ends, however it ends.
mount -t tmpfs -o mode=755 tmpfs "$PLACE"
STORE="--root $PLACE/images --runroot $PLACE/run"
export STORAGE_DRIVER="${STORAGE_DRIVER:-overlay}" BUILDAH_ISOLATION=chroot
fail() { echo "try: $*" >&2; exit 1; }

# The base, which elsewhere is pulled.
base=$(buildah $STORE from scratch)
cp -a "$ROOT/." "$(buildah $STORE mount "$base")/"
buildah $STORE commit -q --rm "$base" "localhost/inbeeld-debian:$SUITE" >/dev/null

# What this machine's pip needs to reach its index holds in there too.
mkdir -p "$PLACE/context/dist" "$PLACE/context/deploy/container"
cp requirements.txt "$PLACE/context/"
cp "$DIST"/inbeeld-*.whl "$PLACE/context/dist/"
cp deploy/container/healthy.py "$PLACE/context/deploy/container/"
TRUST=
if [ -f /etc/pip.conf ]; then
    TRUST="--volume /etc/pip.conf:/etc/pip.conf:ro --volume /etc/ssl/certs:/etc/ssl/certs:ro"
fi
buildah $STORE build -q --format docker --build-arg "DEBIAN=localhost/inbeeld-debian:$SUITE" -t inbeeld \
    $TRUST -f deploy/container/Containerfile "$PLACE/context"

# A kernel with both kinds of control groups is more than crun copes with.
umount -l /sys/fs/cgroup/unified 2>/dev/null || true
contained() {
    podman $STORE --runtime crun --cgroup-manager cgroupfs --events-backend file run --cgroups disabled \
        --ulimit nofile=1024:1024 --ulimit nproc=4096:4096 --network none --log-driver k8s-file \
        --read-only --cap-drop ALL --security-opt no-new-privileges --tmpfs "/tmp:size=${ROOM:-64m},mode=1777" "$@"
}

install -d -m 0700 -o 10001 -g 10001 "$PLACE/here"
contained --rm --no-healthcheck -v "$PLACE/here:/here" localhost/inbeeld init /here/site >/dev/null
contained --rm --no-healthcheck -v "$PLACE/here/site:/srv/inbeeld" localhost/inbeeld check --offline
# Its gateway keeps everything below /tmp, where half a gigabyte must be free for a mail to be taken.
ROOM=1g contained --rm --no-healthcheck localhost/inbeeld demo --once

contained --detach --name trial -v "$PLACE/here/site:/srv/inbeeld" localhost/inbeeld >/dev/null
until podman $STORE logs trial 2>&1 | grep -q '^ready'; do
    [ "$(podman $STORE inspect --format '{{.State.Running}}' trial)" = true ] || fail "it does not serve"
    sleep 1
done
podman $STORE --runtime crun --cgroup-manager cgroupfs healthcheck run trial || fail "it is not healthy"
podman $STORE --runtime crun --cgroup-manager cgroupfs stop --time 60 trial >/dev/null
[ "$(podman $STORE inspect --format '{{.State.ExitCode}}' trial)" = 0 ] || fail "it did not stop well"
podman $STORE rm trial >/dev/null
echo "built, worked, served and stopped"
