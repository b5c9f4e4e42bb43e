"""System programs that tests run for real, and what happens where one is missing."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import pytest


def program(name: str, package: str, folders: Sequence[Path] = ()) -> str:
    """The path of a program, from PATH or `folders`; without it the test fails where `CI` is set, and is
    skipped elsewhere, naming the Debian package that brings it."""
    found = shutil.which(name) or shutil.which(name, path=os.pathsep.join(map(str, folders)))
    return found or missing(f"{name} is missing: install Debian's {package}")


def missing(why: str) -> NoReturn:
    """Fail where `CI` is set, skip elsewhere."""
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)
