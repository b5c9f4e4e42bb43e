"""A person at a terminal, in a working directory."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from gateway.cli.app import app
from gateway.errors import InbeeldError


@dataclass(frozen=True)
class Answer:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed for machines."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Terminal:
    """Runs commands in a working directory; `now` is the moment for those that take one."""

    directory: Path
    environment: dict[str, str] = field(default_factory=dict)

    def __call__(self, *words: str, given: bytes | None = None) -> Answer:
        """Run a command in this process."""
        result = CliRunner().invoke(app, ["--dir", str(self.directory), *words], input=given)
        if isinstance(result.exception, InbeeldError):
            # `gateway.cli.app.run` says it like this; test_run.py shows that it does.
            return Answer(1, result.stdout, f"inbeeld: {result.exception}\n")
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Answer(result.exit_code, result.stdout, result.stderr)

    def process(self, *words: str, **options: Any) -> "subprocess.Popen[bytes]":
        """Start a command as a process of its own."""
        command = [sys.executable, "-m", "gateway", "--dir", str(self.directory), *words]
        environment = os.environ | self.environment
        return subprocess.Popen(command, stderr=subprocess.PIPE, env=environment, **options)
