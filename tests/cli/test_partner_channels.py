"""`matchbook partners add|test|confirm|activate|pause`, and the jobs that pages ask for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from matchbook import jobs, partner_channels, registry
from matchbook.cli import main
from matchbook.cli.work import drain
from matchbook.errors import ConfigError
from matchbook.registry import Client, Registry
from matchbook.settings import Settings
from tests.exporters.nights import at_night, publish_pairs


@pytest.fixture
def drop(settings: Settings, tmp_path: Path) -> Path:
    """A folder of the partner; a client without partners is registered."""
    document = Registry(
        clients=(Client(client_id="casa", name="Casa"), Client(client_id="fly", name="Fly"))
    )
    registry.replace(settings, document, by="test")
    folder = tmp_path / "drop"
    folder.mkdir()
    return folder


def partners(settings: Settings, *arguments: str) -> Result:
    now = str(settings.now)
    return CliRunner().invoke(
        main, ["--home", str(settings.home), "--now", now, "partners", *arguments]
    )


def test_from_entry_to_the_first_file(settings: Settings, drop: Path) -> None:
    added = partners(settings, "add", "casa", "piano", str(drop), "--code", "PO_1a2b3c4d",
                     "--set", "customer_prefix=acm", "--at", "02:15")  # fmt: skip
    assert added.exit_code == 0, added.stderr
    assert "Now: matchbook partners test casa piano" in added.stdout
    (one,) = registry.current(settings).clients[0].partners
    assert (one.partner_id, one.codes) == ("piano", ("PO_1a2b3c4d",))
    assert partners(settings, "test", "casa", "piano").stdout == "Piano: the connection works.\n"
    assert list(drop.iterdir()) == []
    assert "active, every 24 hours" in partners(settings, "activate", "casa", "piano").stdout
    tonight = at_night(settings, 1)
    publish_pairs(tonight, 1, {("cx:a", "r1"): 1})
    told = CliRunner().invoke(
        main, ["--home", str(settings.home), "--now", str(tonight.now), "deliver"]
    )
    assert told.stdout == "Delivered 1 nightly files.\n"
    assert (drop / "exports/piano/match/20261121.csv").exists()
    assert json.loads(partners(settings, "pause", "casa", "piano", "--json").stdout)[
        "is_active"
    ] is False  # fmt: skip


def test_what_stands_in_the_way_is_said(settings: Settings, drop: Path) -> None:
    added = partners(settings, "add", "casa", "supermetrics", "https://api.partner.example")
    assert "the partner's setting site is not given" in added.stdout
    assert "its credentials are not named" in added.stdout
    refused = partners(settings, "activate", "casa", "supermetrics")
    assert refused.exit_code == 78
    assert "cannot be activated: the partner's setting site is not given." in refused.stderr


def test_what_the_client_agreed_replaces_any_fact(settings: Settings, drop: Path) -> None:
    agreed = drop.parent / "agreed.yml"
    agreed.write_text(
        "cookie_pattern: casa-[0-9]{6}\nsync:\n  macro: '%CASA_ID%'\ndelimiter: ';'\n"
    )
    partners(settings, "add", "casa", "tealium", str(drop), "--overrides", str(agreed))
    listed = ("list", "tealium", "--json", "--client")
    told = {
        client: {fact["name"]: fact for fact in json.loads(partners(
            settings, *listed, client).stdout)["facts"]}
        for client in ("casa", "fly")
    }  # fmt: skip
    assert {name for name, fact in told["casa"].items() if fact["grade"] == "client"} == {
        "cookie", "sync", "delimiter",
    }  # fmt: skip
    assert told["casa"]["cookie"]["text"] == "casa-[0-9]{6}"
    assert "%CASA_ID%" in told["casa"]["sync"]["text"]
    assert "client" not in {fact["grade"] for fact in told["fly"].values()}
    partners(settings, "add", "casa", "tealium", str(drop))
    (kept,) = registry.current(settings).clients[0].partners
    assert kept.agreed is not None, "a new address takes nothing back"
    agreed.write_text("cookie_pattern: (secret\n")
    refused = partners(settings, "add", "casa", "tealium", str(drop), "--overrides", str(agreed))
    assert refused.exit_code == 78
    assert "not valid at cookie_pattern" in refused.stderr
    assert "secret" not in refused.stderr


def test_spotler_wants_to_be_confirmed(settings: Settings, drop: Path) -> None:
    partners(settings, "add", "casa", "spotler", str(drop))
    assert partners(settings, "activate", "casa", "spotler").exit_code == 78
    assert partners(settings, "confirm", "casa", "spotler").exit_code == 2, "somebody confirms"
    told = partners(settings, "confirm", "casa", "spotler", "--by", "J. Jansen")
    assert told.stdout.startswith("Confirmed by J. Jansen: The UserID")
    assert partners(settings, "activate", "casa", "spotler").exit_code == 0
    made = partner_channels.get(settings, "casa", "spotler")
    assert (made.confirmed_by, made.activated_by) == ("J. Jansen", "command line")


def test_a_test_that_fails_says_why_and_is_kept(settings: Settings, drop: Path) -> None:
    partners(settings, "add", "casa", "piano", str(drop / "missing"))
    told = partners(settings, "test", "casa", "piano")
    assert told.exit_code == 74
    assert "is not there" in told.stderr
    assert "is not there" in (partner_channels.get(settings, "casa", "piano").test_problem or "")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("casa", "piano", "ftps://mb@files.example/in"), "takes no files over ftps"),
        (("casa", "tealium", "sftp://mb:secret@files.example/in"), "no password in it"),
        (("casa", "tealium", "gopher://files.example"), "the URL is not"),
        (("casa", "nobody", "/tmp"), "no partner of this id"),
        (("nobody", "piano", "/tmp"), "no client of this id"),
        (("casa", "piano", "/tmp", "--every", "6"), "a day has one delivery"),
        (("casa", "piano", "/tmp", "--credentials", "hunter2"), "no such name"),
        (("casa", "tealium", "/tmp", "--host-key", "yes"), "the host key is not one line"),
        (("casa", "piano", "/tmp", "--set", "nothing=1"), "has no parameter nothing"),
    ],
)
def test_what_does_not_hold_is_refused(
    settings: Settings, drop: Path, arguments: tuple[str, ...], told: str
) -> None:
    result = partners(settings, "add", *arguments)
    assert result.exit_code == 78
    assert told in " ".join(result.stderr.split())
    assert "hunter2" not in result.stderr
    assert partner_channels.every(settings) == []
    assert registry.current(settings).clients[0].partners == ()


def test_the_job_of_a_page_is_for_its_own_client(settings: Settings, drop: Path) -> None:
    partners(settings, "add", "casa", "piano", str(drop))
    ids = [
        jobs.enqueue(settings, "test_partner", client_id=client, idempotency_key=client,
                     arguments={"partner_id": "piano"})
        for client in ("casa", "fly")
    ]  # fmt: skip
    drain(settings, say=lambda _: None)
    ours, theirs = (jobs.get(settings, job_id) for job_id in ids)
    assert ours.result == {"ok": True, "problem": None}
    assert theirs.status == "failed"


def test_there_is_nothing_to_confirm_at_most_partners(settings: Settings, drop: Path) -> None:
    partners(settings, "add", "casa", "piano", str(drop))
    with pytest.raises(ConfigError, match="needs no confirmation"):
        partner_channels.confirm(settings, "casa", "piano", by="J. Jansen")
