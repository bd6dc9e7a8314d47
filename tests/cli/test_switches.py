"""`matchbook switch` and `matchbook declare`: who said what, when; and it is in force."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from matchbook import registry
from matchbook.cli import main
from matchbook.settings import Settings
from tests.test_architecture import ROOT

NOW = "2026-11-21T03:10:00Z"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    assert run(tmp_path, "registry", "apply", str(ROOT / "examples/registry.json")).exit_code == 0
    return tmp_path


def run(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--home", str(home), "--now", NOW, *arguments])


def client_of(home: Path, name: str) -> registry.Client:
    clients = registry.current(Settings(home=home)).clients
    return next(client for client in clients if client.client_id == name)


def test_approving_records_who_when_and_on_which_basis(home: Path) -> None:
    words = ("--by", "A. Vos, DPO", "--basis", "Consent text 4")
    result = run(home, "switch", "approve", "farwinds", "read-online", *words, "--json")
    assert json.loads(result.stdout)["approved_at"] == "2026-11-21T03:10:00Z"
    approval = client_of(home, "farwinds").dmp_matching_read_message_online
    assert approval is not None
    assert (approval.approved_by, approval.basis) == ("A. Vos, DPO", "Consent text 4")
    assert client_of(home, "farwinds").dmp_matching_link_click is None


def test_a_standing_approval_is_not_replaced(home: Path) -> None:
    before = client_of(home, "oakhouse").dmp_matching_link_click
    result = run(
        home, "switch", "approve", "oakhouse", "link-click", "--by", "B", "--basis", "another"
    )
    assert result.exit_code == 78
    assert "approved since 2026-03-02" in result.stderr
    assert client_of(home, "oakhouse").dmp_matching_link_click == before


def test_withdrawing_switches_off(home: Path) -> None:
    assert run(home, "switch", "withdraw", "oakhouse", "link-click", "--by", "B").exit_code == 0
    assert client_of(home, "oakhouse").dmp_matching_link_click is None
    again = run(home, "switch", "withdraw", "oakhouse", "link-click", "--by", "B")
    assert "not approved" in again.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("switch", "approve", "nobody", "link-click", "--by", "B", "--basis", "c"),
        ("switch", "approve", "farwinds", "link-click", "--by", " ", "--basis", "c"),
        ("switch", "approve", "farwinds", "link-click", "--by", "B", "--basis", ""),
        ("declare", "site", "nowhere", "--by", "B", "--wording", "c"),
        ("declare", "publisher", "dap_1001", "--by", "B", "--wording", " "),
    ],
)
def test_what_proves_nothing_is_refused(home: Path, words: tuple[str, ...]) -> None:
    before = registry.current(Settings(home=home))
    assert run(home, *words).exit_code == 78
    assert registry.current(Settings(home=home)) == before


def test_the_list_shows_both_switches_of_every_client(home: Path) -> None:
    rows = json.loads(run(home, "switch", "list", "--json").stdout)["switches"]
    assert [(r["client_id"], r["switch"], r["is_on"]) for r in rows] == [
        ("oakhouse", "link-click", True),
        ("oakhouse", "read-online", False),
        ("farwinds", "link-click", False),
        ("farwinds", "read-online", False),
    ]
    assert "2026-03-02" in run(home, "switch", "list").stdout


def test_a_site_declares_and_withdraws(home: Path) -> None:
    words = ("--by", "Web team", "--wording", "Only after consent.")
    assert run(home, "declare", "site", "farwinds_de", *words).exit_code == 0
    site = registry.current(Settings(home=home)).sites[1]
    assert site.consent_declaration is not None
    assert site.consent_declaration.wording == "Only after consent."
    run(home, "declare", "withdraw", "site", "farwinds_de", "--by", "Web team")
    assert registry.current(Settings(home=home)).sites[1].consent_declaration is None


def test_a_publisher_declares(home: Path) -> None:
    words = ("--by", "Gazette", "--wording", "People who agreed.")
    assert run(home, "declare", "publisher", "dap_1001", *words).exit_code == 0
    rows = json.loads(run(home, "declare", "list", "--json").stdout)["declarations"]
    assert [(r["kind"], r["id"]) for r in rows if r["declaration"]] == [
        ("site", "oakhouse_nl"),
        ("publisher", "dap_1001"),
    ]
    assert "People who agreed." in run(home, "declare", "list").stdout
