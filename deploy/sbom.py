"""Prints the list of parts of this version as a CycloneDX 1.6 SBOM.

They are the pinned lines of requirements.txt, with hashes and the licence that the installed package tells,
and the look of the pages from deploy/look/package-lock.json.
"""

import base64
import json
import re
import sys
import uuid
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def python_parts(text: str) -> list[dict[str, Any]]:
    """A component for each pinned line of a requirements file."""
    parts: list[dict[str, Any]] = []
    for line in text.splitlines():
        if pin := PIN.match(line):
            name, version = pin[1].lower().replace("_", "-"), pin[2]
            purl = f"pkg:pypi/{name}@{version}"
            parts.append({"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl})
            if licence := _licence(name):
                parts[-1]["licenses"] = [{"license": {"name": licence}}]
        for digest in HASH.findall(line):
            parts[-1].setdefault("properties", []).append({"name": "sha256", "value": digest})
    return parts


def look_parts(lock: dict[str, Any]) -> list[dict[str, Any]]:
    """A component for each package of the look of the pages."""
    parts = []
    for path, package in lock["packages"].items():
        if path:
            name = path.rpartition("node_modules/")[2]
            purl = f"pkg:npm/{name.replace('@', '%40')}@{package['version']}"
            part = {
                "type": "library",
                "bom-ref": purl,
                "name": name,
                "version": package["version"],
                "purl": purl,
            }
            algorithm, _, digest = package.get("integrity", "").partition("-")
            if algorithm == "sha512":
                part["hashes"] = [{"alg": "SHA-512", "content": base64.b64decode(digest).hex()}]
            if licence := package.get("license"):
                part["licenses"] = [{"license": {"name": licence}}]
            parts.append(part)
    return parts


def sbom() -> dict[str, Any]:
    """The whole document; the same tree always gives the same one."""
    from gateway import __version__

    requirements = (ROOT / "requirements.txt").read_text()
    lock = (ROOT / "deploy/look/package-lock.json").read_text()
    parts = python_parts(requirements) + look_parts(json.loads(lock))
    serial = uuid.uuid5(uuid.NAMESPACE_URL, f"inbeeld {__version__}\n{requirements}\n{lock}")
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": "inbeeld",
                "name": "inbeeld",
                "version": __version__,
                "licenses": [{"license": {"id": "EUPL-1.2"}}],
            }
        },
        "components": parts,
        "dependencies": [{"ref": "inbeeld", "dependsOn": sorted(part["bom-ref"] for part in parts)}],
    }


def _licence(name: str) -> str:
    """What an installed package says its licence is, in one line."""
    try:
        about = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return ""
    said = about.get("License-Expression") or about.get("License") or ""
    if not said or "\n" in said or len(said) > 80:
        classified = [
            line.rpartition(" :: ")[2] for line in about.get_all("Classifier") or () if "License ::" in line
        ]
        said = " AND ".join(classified)
    return said


if __name__ == "__main__":
    sys.stdout.write(json.dumps(sbom(), indent=1) + "\n")
