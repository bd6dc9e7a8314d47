"""What `examples/deploy` offers can be installed, and grants little."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_architecture import ROOT

DEPLOY = ROOT / "examples" / "deploy"
UNITS = sorted(path.name for path in (DEPLOY / "systemd").glob("*.service"))
MOST_EXPOSURE = {"matchbook-nginx-log.service": 2.5}
"""Of systemd's ten, less is better; 2.0 but for what runs as root."""

pytestmark = pytest.mark.needs("systemd")


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file system with the units installed as docs/deploy.md says."""
    root = tmp_path_factory.mktemp("machine")
    shutil.copytree(DEPLOY / "systemd", root / "etc/systemd/system")
    shutil.copytree("/usr/lib/systemd/system", root / "usr/lib/systemd/system", symlinks=True)
    for program in (".venv/bin/matchbook", "examples/nginx-hand-over"):
        path = root / "opt/matchbook" / program
        path.parent.mkdir(parents=True)
        path.write_text("#!/bin/sh\n")
        path.chmod(0o755)
    return root


def analyze(machine: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["systemd-analyze", f"--root={machine}", "--man=no", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_units_are_understood(machine: Path) -> None:
    result = analyze(machine, "verify", *UNITS)
    own = [line for line in result.stderr.splitlines() if "matchbook" in line]
    assert (own, result.returncode) == ([], 0), result.stderr


def test_a_mistake_in_a_unit_would_be_told(machine: Path) -> None:
    unit = machine / "etc/systemd/system/matchbook-wrong.service"
    unit.write_text("[Service]\nExecStart=/opt/matchbook/nothing\nPrivateTemp=true\n")
    said = analyze(machine, "verify", unit.name).stderr
    unit.unlink()
    assert "PrivateTemp" in said
    assert "not executable" in said


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_may_little(machine: Path, unit: str) -> None:
    said = analyze(machine, "security", "--offline=true", unit).stdout
    found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", said)
    assert found is not None, said
    assert float(found[1]) <= MOST_EXPOSURE.get(unit, 2.0)


@pytest.mark.parametrize("unit", [name for name in UNITS if name not in MOST_EXPOSURE])
def test_a_unit_is_not_root_and_holds_no_secret(unit: str) -> None:
    text = (DEPLOY / "systemd" / unit).read_text()
    assert "\nUser=matchbook\n" in text
    assert "\nCapabilityBoundingSet=\n" in text
    assert set(re.findall(r"^Environment=(\w+)", text, re.M)) <= {
        "MATCHBOOK_HOME", "MATCHBOOK_TRUSTED_PROXIES",
    }  # fmt: skip


def test_what_units_hide_stands_before_they_start() -> None:
    """Else it is seen by whoever started earlier, as the warehouse is once it is made anew."""
    made = re.findall(r"^d (\S+)", (DEPLOY / "tmpfiles.conf").read_text(), re.M)
    for unit in UNITS:
        text = (DEPLOY / "systemd" / unit).read_text()
        lines = re.findall(r"^(?:ReadOnly|Inaccessible|ReadWrite)Paths=(.*)", text, re.M)
        paths = {path for line in lines for path in line.split()}
        assert paths - set(made) <= {"-/var/lib/matchbook/warehouse.duckdb"}, unit


@pytest.mark.proof
def test_a_build_writes_nothing_beside_the_home(tmp_path: Path) -> None:
    """The program's folder is read-only to the units."""
    program = shlex.quote(str(ROOT / "dbt_project"))
    script = (
        f"mount --bind {program} {program} && mount -o remount,bind,ro {program} && "
        f"! touch {program}/x 2>/dev/null && exec {shlex.quote(sys.executable)} -m matchbook build"
    )
    result = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script],
        env=os.environ | {"MATCHBOOK_HOME": str(tmp_path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_image_is_made_of_what_there_is() -> None:
    lines = (DEPLOY / "Containerfile").read_text().splitlines()
    copied = [word for line in lines if line.startswith("COPY") for word in line.split()[1:-1]]
    assert [name for name in copied if not (ROOT / name).exists()] == []
    sent = {
        line[1:]
        for line in (DEPLOY / "Containerfile.dockerignore").read_text().splitlines()
        if line[0] == "!"
    }
    assert {name.rstrip("/") for name in copied} == sent
    assert "USER matchbook" in lines
