#!/bin/sh
# Builds dist/inbeeld_VERSION+debN_ARCH.deb from the wheel in dist/, for the Debian and the python3 of this machine
# (for another Debian: deploy/debian/build-in.sh). Run by 'make dist'. What it depends on is inside, as locked in
# requirements.txt; nothing is fetched when it is installed.
#   PARTS=FOLDER             holds the locked packages already (a test takes them from .venv).
#   MAINTAINER="Name <address>" names who packages it, and whom its users may write to.
set -eu
cd "$(dirname "$0")/../.."

PYTHON=${DEB_PYTHON:-/usr/bin/python3}
# One with pip, which need not be the one that is packaged for.
TOOLS=${BUILD_PYTHON:-.venv/bin/python}
PIP="env PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore $TOOLS -m pip --python $PYTHON install --quiet --no-compile"
# Whoever goes from one Debian to the next gets the package of the next.
DEBIAN=$(. /etc/os-release && echo "${VERSION_ID:-0}")
VERSION=$("$TOOLS" -c 'import gateway; print(gateway.__version__)')+deb$DEBIAN
ARCH=$(dpkg --print-architecture)
SHORT=$("$PYTHON" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
NEXT=$("$PYTHON" -c 'import sys; print("%d.%d" % (sys.version_info[0], sys.version_info[1] + 1))')
ROOT=build/deb/root

wheel=$(echo dist/inbeeld-*.whl)
[ -f "$wheel" ] || { echo "deb: there is no wheel in dist/; type: make dist" >&2; exit 1; }

rm -rf build/deb
DOCS="$ROOT/usr/share/doc/inbeeld"
mkdir -p "$ROOT/DEBIAN" "$ROOT/usr/bin" "$ROOT/usr/lib/inbeeld/site" "$ROOT/usr/lib/systemd/system" \
    "$DOCS/deploy" "$DOCS/keys" "$ROOT/etc/fail2ban/filter.d"

if [ -n "${PARTS:-}" ]; then
    cp -r "$PARTS/." "$ROOT/usr/lib/inbeeld/site/"
else
    # The lock is complete, so that nothing has to be resolved.
    echo "deb: installing the locked packages"
    $PIP --require-hashes --no-deps --target "$ROOT/usr/lib/inbeeld/site" -r requirements.txt
fi
$PIP --no-deps --target "$ROOT/usr/lib/inbeeld/site" "$wheel"
# Commands of libraries, and the names of all the world's places by their area codes, which nobody asks for.
rm -rf "$ROOT/usr/lib/inbeeld/site/bin" "$ROOT/usr/lib/inbeeld/site/phonenumbers/geodata"

install -m 755 deploy/debian/inbeeld "$ROOT/usr/bin/inbeeld"
cp -r deploy/systemd/. "$ROOT/usr/lib/systemd/system/"
cp deploy/fail2ban/filter.d/* "$ROOT/etc/fail2ban/filter.d/"
# As they stand in the source, so that what they say of each other leads somewhere.
cp README.md CHANGELOG.md SECURITY.md "$DOCS/"
cp LICENSE "$DOCS/copyright"
cp keys/README.md "$DOCS/keys/"
cp -r docs "$DOCS/docs"
rm -rf "$DOCS/docs/pictures"
cp -r deploy/README.md deploy/postfix deploy/fail2ban deploy/prometheus deploy/grafana "$DOCS/deploy/"
for script in postinst prerm postrm; do
    install -m 755 "deploy/debian/$script" "$ROOT/DEBIAN/$script"
done
(cd "$ROOT" && find etc -type f -printf '/%p\n' | sort) >"$ROOT/DEBIAN/conffiles"
cat >"$ROOT/DEBIAN/control" <<END
Package: inbeeld
Version: $VERSION
Architecture: $ARCH
Maintainer: ${MAINTAINER:-to be filled in by who packages it <nobody@maintainer.invalid>}
Installed-Size: $(du -sk "$ROOT/usr" | cut -f1)
Depends: python3 (>= $SHORT), python3 (<< $NEXT), python3-venv, adduser, gnupg, openssl, libseccomp2, ca-certificates
Suggests: postfix, postgresql, fail2ban, prometheus-node-exporter
Section: mail
Priority: optional
Description: warm handovers from general practices to those who help with debts
 A practice sends one mail about a patient with money worries; InBeeld keeps it
 sealed, hands it over encrypted to the organisation that helps in that
 neighbourhood, watches that the patient is called in time, and answers in the
 practice's own thread once somebody has really spoken with the patient.
END
chmod -R go-w,a+rX "$ROOT"
dpkg-deb --root-owner-group -Zzstd --build "$ROOT" "dist/inbeeld_${VERSION}_${ARCH}.deb" >/dev/null
rm -rf build/deb
echo "deb: wrote dist/inbeeld_${VERSION}_${ARCH}.deb"
