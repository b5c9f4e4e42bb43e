"""An upgrade of the package starts again what ran, and nothing else."""

import subprocess
from pathlib import Path

import pytest

DEBIAN = Path(__file__).resolve().parents[2] / "deploy/debian"
SYSTEMCTL = """#!/bin/sh
echo "$*" >>"$LOG"
[ "$1" != list-units ] || printf '%s loaded active running InBeeld\\n' $RUNNING
"""


@pytest.mark.parametrize(
    ("running", "current", "started"),
    [
        ("inbeeld.service", True, "start inbeeld.service"),
        ("inbeeld.service", False, ""),
        (
            "inbeeld@intake.service inbeeld@web.service",
            False,
            "start inbeeld@intake.service inbeeld@web.service",
        ),
        ("", True, ""),
    ],
)
def test_what_ran_is_started_again(tmp_path: Path, running: str, current: bool, started: str) -> None:
    for name, does in {
        "systemctl": SYSTEMCTL if running else SYSTEMCTL.replace("printf", "true"),
        "inbeeld": f"#!/bin/sh\nexit {0 if current else 1}\n",
    }.items():
        (tmp_path / name).write_text(does)
        (tmp_path / name).chmod(0o755)
    for name in ("run/systemd/system", "etc/inbeeld", "var"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "etc/inbeeld/inbeeld.toml").touch()
    log = tmp_path / "log"
    before, after = ((DEBIAN / name).read_text() for name in ("prerm", "postinst"))
    # Only what concerns the units: users and the interpreter's environment are tried in a clean Debian.
    after = "set -e\n" + after[after.index("# The units may be new") :].replace("-o inbeeld -g inbeeld", "")
    for script, argument in ((before, "upgrade"), (after, "configure")):
        for folder in ("/run/", "/etc/", "/var/", "/usr/bin/"):
            script = script.replace(
                folder, f"{tmp_path}{'' if folder == '/usr/bin/' else folder.rstrip('/')}/"
            )
        subprocess.run(
            ["/bin/sh", "-c", script, "x", argument, "1.0"],
            env={"PATH": f"{tmp_path}:/usr/bin:/bin", "LOG": str(log), "RUNNING": running},
            check=True,
            capture_output=True,
        )
    said = log.read_text().splitlines()
    assert [line for line in said if line.startswith("start")] == ([started] if started else [])
    assert not started or said.index("daemon-reload") < said.index(started)
    assert not (tmp_path / "run/inbeeld.was-running").exists()
