"""The files that a configuration names.

It promises that each is found by its type and not by a list, and that a pipe or a device in the place of a
file is told of before anybody opens it: whoever does may wait for ever.
"""

import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from pydantic import BaseModel

from gateway.errors import ConfigError

REMEDY = "Name a file"


def named_files(model: BaseModel) -> Iterator[tuple[str, Path]]:
    """The keys of a section whose values are paths."""
    for name in type(model).model_fields:
        if isinstance(value := getattr(model, name), Path):
            yield name, value


def pipes(file: str, place: str, model: BaseModel, found: Callable[[Path], Path]) -> list[ConfigError]:
    """What a section in a file of `config` names that is a pipe or a device; `found` says where a path is."""
    return [
        ConfigError(f"config/{file}", f"{place}.{name}", "names a pipe or a device", REMEDY)
        for name, path in named_files(model)
        if is_special(found(path))
    ]


def is_special(path: Path) -> bool:
    """Whether something is there that is neither a file nor a folder."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))
