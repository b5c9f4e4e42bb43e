"""What is shipped, made without a network: source distribution, wheel and Debian package.

The package's dependencies are taken from the environment that runs the tests, in the versions that
requirements.txt locks: whatever is not locked is not in the package.
"""

import os
import shutil
import subprocess
import sys
import tarfile
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]


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


def unpacked_source(folder: Path) -> Path:
    """The source distribution, built and unpacked there."""
    with tarfile.open(build("sdist", ROOT, folder)) as packed:
        packed.extractall(folder, filter="data")
    (unpacked,) = (each for each in folder.iterdir() if each.is_dir())
    return unpacked


def package(source: Path, parts: Path) -> Path:
    """The Debian package, from an unpacked source whose dist/ holds the wheel."""
    lay_parts(source / "requirements.txt", parts)
    built = subprocess.run(
        ["/bin/sh", source / "deploy/debian/build.sh"],
        env={**os.environ, "BUILD_PYTHON": sys.executable, "PARTS": str(parts)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    (deb,) = (source / "dist").glob("*.deb")
    return deb


def lay_parts(lock: Path, folder: Path) -> None:
    """Copy the modules of every locked package."""
    for line in lock.read_text().splitlines():
        if not line[:1].isalnum():
            continue
        wanted = Requirement(line.rstrip(" \\"))
        if wanted.marker and not wanted.marker.evaluate():
            continue
        part = distribution(wanted.name)
        assert part.version in wanted.specifier, f"{part.version} is not {wanted}: run 'make setup'"
        for file in part.files or ():
            # What lies beside the modules are commands, which nobody calls.
            if ".." not in file.parts and file.suffix != ".pyc":
                to = folder / file
                to.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(file.locate(), to)
