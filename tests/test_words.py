"""P44: nothing that people read calls hashed data what it is not."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.test_architecture import ROOT

READ = ("dashboard", "dbt_project", "docs", "examples", "exporters", "ingest", "matchbook",
        "README.md", "SECURITY.md", "CHANGELOG.md")  # fmt: skip
CLAIMS = re.compile(
    r"anonym|anonie?m|de-?identif|non-?personal|not personal data"
    r"|no personal data (?:is|are) (?:held|kept)|cannot be traced"
    r"|keine personenbezogen|geen persoonsgegevens",
    re.IGNORECASE,
)
NO_CLAIM = ("send_anonymous_usage_stats: false",)
"""A setting of dbt's own, switched off."""


def claims(text: str) -> list[str]:
    lines = [line for line in text.splitlines() if not any(word in line for word in NO_CLAIM)]
    return [line.strip()[:200] for line in lines if CLAIMS.search(line)]


def test_P44_nothing_calls_hashed_data_anonymous() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *READ],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listed.returncode:
        pytest.skip("not a git checkout")
    files = [ROOT / name for name in listed.stdout.splitlines()]
    found = {str(p.relative_to(ROOT)): claims(p.read_text(errors="replace")) for p in files
             if p.is_file()}  # fmt: skip
    assert len(found) > 300
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize("text", [
    "Hashes are anonymous.", "anonymised data", "geanonimiseerd", "We hold non-personal data.",
    "De-identified ids", "gegevens zijn anoniem",
])  # fmt: skip
def test_a_claim_would_be_found(text: str) -> None:
    assert claims(text)
