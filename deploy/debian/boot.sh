#!/bin/sh
# Boots systemd in a clean Debian, installs the package of DIST (default dist) there, and uses its units: the service
# starts with all its walls, takes a mail, reads its configuration anew, is started again by the watchdog when it
# hangs, and stops; the services of the timers run. Then the three roles apart, on PostgreSQL, as deploy/README.md
# says: a mail in at the intake becomes a case, and each role stops well; and the Postfix front is let in by its judges.
# Needs root, mmdebstrap, a version 2 control group, and Debian's mirror for systemd, PostgreSQL and Postfix.
#   sh deploy/debian/boot.sh [SUITE] [DIST]
set -eu
cd "$(dirname "$0")/../.."

SUITE=${1:-$(. /etc/os-release && echo "$VERSION_CODENAME")}
DIST=${2:-dist}

if [ -z "${LAYER:-}" ]; then
    ROOT=$(sh deploy/debian/clean.sh "$SUITE")
    LAYER=$(mktemp -d)
    trap 'rmdir "$LAYER"' EXIT
    ROOT=$ROOT LAYER=$LAYER unshare --mount sh "$0" "$SUITE" "$DIST"
    exit
fi

fail() { echo "try: $*" >&2; exit 1; }
mount -t tmpfs -o mode=755 tmpfs "$LAYER"
NEW=$LAYER/new
mkdir "$LAYER/over" "$LAYER/work" "$NEW"
mount -t overlay overlay -o "lowerdir=$ROOT,upperdir=$LAYER/over,workdir=$LAYER/work" "$NEW"
DEBIAN=$(. "$NEW/etc/os-release" && echo "$VERSION_ID")
cp "$DIST"/inbeeld_*+deb"$DEBIAN"_*.deb "$NEW/srv/inbeeld.deb"
cp -L /etc/resolv.conf "$NEW/etc/resolv.conf"
mount -t proc proc "$NEW/proc"
# Nothing is started before systemd is.
printf '#!/bin/sh\nexit 101\n' >"$NEW/usr/sbin/policy-rc.d"
chmod 755 "$NEW/usr/sbin/policy-rc.d"
chroot "$NEW" sh -c 'apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
    apt-get install -qq -y --no-install-recommends \
    systemd postgresql postfix opendkim opendmarc publicsuffix >/dev/null 2>&1' || fail "Debian gives no systemd"
rm "$NEW/usr/sbin/policy-rc.d"
umount "$NEW/proc"

cat >"$LAYER/boot" <<'END'
set -eu
mount --make-rprivate /
cd "$NEW"
mount -t proc proc proc
mount --bind /sys sys
mount -t tmpfs -o mode=755 tmpfs dev
for name in null zero full random urandom tty; do touch "dev/$name"; mount --bind "/dev/$name" "dev/$name"; done
mkdir dev/shm dev/pts dev/mqueue dev/hugepages
mount -t tmpfs tmpfs dev/shm
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
mount -t mqueue mqueue dev/mqueue
ln -s /proc/self/fd dev/fd
ln -s pts/ptmx dev/ptmx
mount -t tmpfs -o mode=755 tmpfs run
mount -t cgroup2 none sys/fs/cgroup
ip link set lo up
mkdir old
# systemd makes roots of its own for services, which takes a real one to begin with.
pivot_root . old
exec env -i container=trial PATH=/usr/sbin:/usr/bin sh -c 'umount -l /old; exec /lib/systemd/systemd'
END
# systemd's processes go into a group of their own, below the machine's.
GROUPS2=$(awk '$3 == "cgroup2" {print $2; exit}' /proc/self/mounts)
[ -n "$GROUPS2" ] || fail "there is no version 2 control group (mount -t cgroup2)"
OURS=$GROUPS2/inbeeld-try-$$
mkdir "$OURS"
export NEW
sh -c 'echo $$ >"$1/cgroup.procs"; exec unshare --cgroup --mount --pid --uts --ipc --net --fork --kill-child sh "$2"' \
    - "$OURS" "$LAYER/boot" >"$LAYER/log" 2>&1 &
KEEPER=$!
trap 'exit 1' INT TERM HUP
trap 'kill -9 $KEEPER; wait $KEEPER 2>/dev/null || true; while ! rmdir "$OURS" 2>/dev/null; do
    find "$OURS" -mindepth 1 -depth -type d -exec rmdir {} + 2>/dev/null || true; sleep 1; done' EXIT

# Waits until a command succeeds, for two minutes.
until_true() {
    left=120
    until "$@" >/dev/null 2>&1; do
        left=$((left - 1))
        [ $left -gt 0 ] || { inside journalctl --no-pager -n 40 >&2 || cat "$LAYER/log" >&2; fail "never: $*"; }
        sleep 1
    done
}
inside() {
    nsenter -t "$(cat "/proc/$KEEPER/task/$KEEPER/children" | tr -d ' ')" \
        --mount --pid --net --uts --ipc --cgroup --root --wdns=/ env -i PATH=/usr/sbin:/usr/bin LANG=C.UTF-8 "$@"
}
until_true inside systemctl is-system-running
inside dpkg -i /srv/inbeeld.deb
inside systemctl enable --now inbeeld.service inbeeld-verify.timer inbeeld-backup.timer
cat >"$NEW/srv/mail.py" <<'END'
import asyncio
from pathlib import Path
from gateway.demo.mail import PATIENT, PRACTICE, referral, send
from gateway.pipeline.schedule import utc_now
mail = referral(PATIENT, PRACTICE, utc_now())
print(asyncio.run(send(Path("/var/lib/inbeeld"), ("127.0.0.1", 2525), mail)))
END
inside /usr/lib/inbeeld/venv/bin/python3 /srv/mail.py
until_true inside sh -c 'inbeeld cases list | grep -q filmwijk'
inside systemctl reload inbeeld
until_true inside sh -c 'journalctl -u inbeeld | grep -q configuration.read'
for unit in inbeeld-verify inbeeld-backup; do inside systemctl start $unit.service || fail "$unit"; done
inside sh -c 'ls /var/backups/inbeeld/*/manifest.json' || fail "there is no backup"
# A process that hangs is ended by the watchdog and started anew.
inside sh -c 'kill -STOP $(systemctl show -p MainPID --value inbeeld)'
until_true inside sh -c '[ $(systemctl show -p NRestarts --value inbeeld) -ge 1 ] && systemctl is-active inbeeld'
inside systemctl stop inbeeld
[ "$(inside systemctl show -p Result --value inbeeld)" = success ] || fail "it did not stop well"

# The three roles, by the words of deploy/README.md.
until_true inside runuser -u postgres -- psql -qc "SELECT 1"
inside runuser -u postgres -- psql -qc "CREATE ROLE inbeeld LOGIN PASSWORD 'of-a-trial'" \
    -c "CREATE DATABASE inbeeld OWNER inbeeld ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8' TEMPLATE template0"
cat >"$NEW/srv/apart.py" <<'END'
from pathlib import Path
import tomlkit
path = Path("/etc/inbeeld/inbeeld.toml")
settings = tomlkit.parse(path.read_text())
settings["gateway"]["database_url"] = "postgresql+psycopg://inbeeld:of-a-trial@127.0.0.1/inbeeld"
settings["metrics"] = {"intake": "127.0.0.1:9464", "worker": "127.0.0.1:9465"}
path.write_text(tomlkit.dumps(settings))
END
inside /usr/lib/inbeeld/venv/bin/python3 /srv/apart.py
inside inbeeld migrate --new
sed -n '/^## Three roles/,/^## /s/^    //p' deploy/README.md | grep -v '^editor ' >"$NEW/srv/apart.sh"
inside sh -eu /srv/apart.sh
for role in intake worker web; do until_true inside systemctl is-active "inbeeld@$role"; done
inside /usr/lib/inbeeld/venv/bin/python3 /srv/mail.py
until_true inside sh -c 'inbeeld cases list | grep -q filmwijk'
for role in intake web worker; do
    inside systemctl reload "inbeeld@$role"
    inside systemctl stop "inbeeld@$role"
    [ "$(inside systemctl show -p Result --value "inbeeld@$role")" = success ] || fail "$role did not stop well"
done
# The front, by the words of deploy/postfix/README.md: Postfix must be let in by both judges, or takes no mail at all.
sed -n '/^    /s/^    //p' deploy/postfix/README.md | sed -n '/^cd /,/^systemctl /p' | sed 's/YOUR[.]DOMAIN/handover.test/g' >"$NEW/srv/front.sh"
inside sh -eu /srv/front.sh
for judge in opendkim opendmarc; do
    until_true inside runuser -u postfix -- test -w "/var/spool/postfix/$judge/$judge.sock"
done
inside postqueue -p
echo "booted, installed, started, worked, hung, came back and stopped; as three roles and behind Postfix too"
