"""Landing baselines: a partner's own pairs in one load, or nothing at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.baselines import land_baseline
from ingest.inbox import land_inbox
from ingest.landing import LoadResult, recover
from matchbook.errors import InputRejected
from matchbook.keys import load_keys
from matchbook.partners.agreed import Agreed
from matchbook.registry import Client, ClientPartner, Registry
from matchbook.settings import Settings
from matchbook.warehouse import open_warehouse

REGISTRY = Registry(
    clients=(
        Client(
            client_id="acme",
            name="Acme",
            partners=(ClientPartner(partner_id="tealium"), ClientPartner(partner_id="weborama")),
        ),
    ),
)
COOKIE = "014c0997b79e00152f6525804ed915078002e07000fb8"
OTHER = "014c0997b79e00152f6525804ed915078002e07000fb9"
PAIRS = (
    "select partner_id, partner_cookie_id, crm_record_id from raw.partner_baselines order by all"
)


@pytest.fixture
def warehouse(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_warehouse(settings) as connection:
        yield connection


class Desk:
    """Lands texts as baselines."""

    def __init__(self, warehouse: duckdb.DuckDBPyConnection, settings: Settings, folder: Path):
        self.warehouse, self.settings, self.folder = warehouse, settings, folder
        self.registry = REGISTRY

    def land(self, text: str, partner_id: str = "tealium", client_id: str = "acme") -> LoadResult:
        path = self.folder / "pairs.csv"
        path.write_bytes(text.encode())
        return land_baseline(
            self.warehouse,
            self.settings,
            path,
            client_id=client_id,
            partner_id=partner_id,
            registry=self.registry,
        )

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        return self.warehouse.execute(query).fetchall()


@pytest.fixture
def desk(warehouse: duckdb.DuckDBPyConnection, settings: Settings, tmp_path: Path) -> Desk:
    return Desk(warehouse, settings, tmp_path)


def test_pairs_land_in_the_partners_own_form(desk: Desk) -> None:
    result = desk.land(f"partner_cookie_id,crm_record_id\n{COOKIE.upper()},r1\n{OTHER},r2\n")
    assert (result.lines, result.accepted) == (2, 2)
    assert desk.ask(PAIRS) == [("tealium", COOKIE, "r1"), ("tealium", OTHER, "r2")]
    ledger = "select source, client_id, partner_id, lines, accepted from raw.loads"
    assert desk.ask(ledger) == [("baseline", "acme", "tealium", 2, 2)]


def test_the_partners_own_column_names_and_other_columns(desk: Desk) -> None:
    desk.land(f'crm_id;matched_at;TEALIUM_VISITOR_ID\n"r1";2026-11-01;{COOKIE}\n')
    assert desk.ask(PAIRS) == [("tealium", COOKIE, "r1")]


def test_the_form_that_the_client_agreed_counts(desk: Desk) -> None:
    (acme,) = REGISTRY.clients
    form = Agreed(cookie_pattern="[a-z]{4}-[0-9]{2}")
    partners = tuple(p.model_copy(update={"agreed": form}) for p in acme.partners)
    client = acme.model_copy(update={"partners": partners})
    desk.registry = Registry(clients=(client,))
    text = f"partner_cookie_id,crm_record_id\nacme-17,r1\n{COOKIE},r2\n"
    for partner_id in ("tealium", "weborama"):
        result = desk.land(text, partner_id)
        assert (result.accepted, result.quarantined_by_reason) == (1, {"bad_cookie_id": 1})
    assert [row[1] for row in desk.ask(PAIRS)] == ["acme-17", "acme-17"]


def test_what_is_no_pair_is_rejected_with_its_line_and_reason(desk: Desk) -> None:
    rows = [
        f"{COOKIE},r1",
        f"{COOKIE},",
        ",r2",
        "${tealium_visitor_id},r3",
        "short,r4",
        f"{OTHER},{'a' * 64}",
        f"{OTHER},r6,more",
        "%%id%%@shop.example,r7",
    ]
    result = desk.land("partner_cookie_id,crm_record_id\n" + "\r\n".join(rows))
    assert (result.accepted, result.lines) == (1, len(rows))
    assert sum(result.quarantined_by_reason.values()) == len(rows) - 1
    rejected = "select line_number, reason, excerpt from raw.quarantine order by all"
    assert desk.ask(rejected) == [
        (3, "missing_record_id", None),
        (4, "bad_cookie_id", None),
        (5, "unexpanded_macro", None),
        (6, "bad_cookie_id", None),
        (7, "bad_record_id", None),
        (8, "columns", None),
        (9, "personal_data", None),
    ]


def test_the_same_bytes_again_are_all_duplicates(desk: Desk) -> None:
    text = f"partner_cookie_id,crm_record_id\n{COOKIE},r1\n"
    desk.land(text)
    again = desk.land(text)
    assert (again.lines, again.duplicate) == (1, 1)
    assert len(desk.ask(PAIRS)) == 1


def test_two_partners_may_send_the_same_bytes(desk: Desk) -> None:
    text = "partner_cookie_id,crm_record_id\n0123456789abcdef0123456789abcdef,r1\n"
    assert desk.land(text, "tealium").accepted == 1
    assert desk.land(text, "weborama").duplicate == 0


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("partner_cookie_id,crm_record_id\n", "empty"),
        (f"partner_cookie_id\n{COOKIE}\n", "header"),
        (f"partner_cookie_id,tealium_visitor_id,crm_id\n{COOKIE},{COOKIE},r1\n", "header"),
        (f"partner_cookie_id,crm_record_id,email\n{COOKIE},r1,x\n", "raw_personal_data"),
        (f"partner_cookie_id,crm_record_id\n{COOKIE},jan@shop.example\n", "raw_personal_data"),
        (f'partner_cookie_id,crm_record_id\n{COOKIE},"+31 6 1234 5678"\n', "raw_personal_data"),
        (f'partner_cookie_id,crm_record_id\n{COOKIE},"r1\n', "unterminated_quote"),
        ("PK\x03\x04 and so on", "zip_corrupt"),
    ],
)
def test_a_refused_file_leaves_nothing(desk: Desk, text: str, reason: str) -> None:
    with pytest.raises(InputRejected) as refused:
        desk.land(text)
    assert refused.value.reason == reason
    assert "jan@" not in str(refused.value)
    assert refused.value.erase_original
    assert desk.ask("select count(*) from raw.loads") == [(0,)]
    assert list(desk.settings.lake.rglob("*.parquet")) == []


@pytest.mark.parametrize(
    ("client_id", "partner_id", "reason"),
    [("zoo", "tealium", "unknown_client"), ("acme", "piano", "unknown_partner")],
)
def test_only_a_registered_client_and_partner(
    desk: Desk, client_id: str, partner_id: str, reason: str
) -> None:
    with pytest.raises(InputRejected) as refused:
        desk.land("partner_cookie_id,crm_record_id\nx,r1\n", partner_id, client_id)
    assert refused.value.reason == reason


def test_a_lost_warehouse_comes_back_from_the_lake(desk: Desk, settings: Settings) -> None:
    desk.land(f"partner_cookie_id,crm_record_id\n{COOKIE},r1\n,r2\n")
    tables = ("loads", "partner_baselines", "quarantine", "line_outcomes")
    before = {name: desk.ask(f"from raw.{name} order by all") for name in tables}
    beside = settings.home / "beside" / "warehouse.duckdb"
    beside.parent.mkdir()
    with open_warehouse(settings, path=beside) as rebuilt:
        assert recover(rebuilt, settings) == 1
        found = {
            name: rebuilt.execute(f"from raw.{name} order by all").fetchall() for name in before
        }
    assert found == before


def test_the_inbox_lands_it_after_the_crm_files_and_keeps_no_copy(
    warehouse: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    right = settings.inbox / "baseline" / "client=acme" / "partner=tealium" / "20261101_000000.csv"
    wrong = settings.inbox / "baseline" / "acme" / "20261101_000000.csv"
    for path in (right, wrong):
        path.parent.mkdir(parents=True)
        path.write_text(f"partner_cookie_id,crm_record_id\n{COOKIE},r1\n")
        path.with_name(path.name + ".done").touch()
    (result,) = land_inbox(
        warehouse, settings, registry=REGISTRY, keys=load_keys(settings.keys), progress=str
    )
    assert (result.source, result.accepted) == ("baseline", 1)
    assert not right.exists()
    assert [path.name for path in settings.refused.glob("*.reason.json")]
    assert not (settings.home / "originals").exists()
