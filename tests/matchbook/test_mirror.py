"""The mirror copies registry, partners, suppressions, deliveries and holdings in one step."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from matchbook import registry, state, suppressions
from matchbook.clock import utc_naive
from matchbook.deliveries import holdings_folder
from matchbook.erasure import requests
from matchbook.errors import ConfigError
from matchbook.mirror import mirror
from matchbook.partners import load_partners
from matchbook.registry import Client, ClientPartner, CrmList, Publisher, Registry, Site
from matchbook.settings import Settings
from matchbook.warehouse import open_warehouse
from tests.conftest import NOW

REGISTRY = Registry(
    clients=(
        Client(client_id="acme", name="Acme", partners=(ClientPartner(partner_id="piano"),)),
        Client(client_id="zoo", name="Zoo"),
    ),
    sites=(Site(site_id="s1", client_id="acme", name="shop"),),
    publishers=(Publisher(publisher_id="news", name="News", client_ids=("acme", "zoo")),),
    lists=(
        CrmList(list_id="00001", client_id="acme", name="Customers", upload_every="week"),
        CrmList(list_id="00002", client_id="acme", name="Cards"),
    ),
)


@pytest.fixture
def home(settings: Settings) -> Settings:
    registry.replace(settings, REGISTRY, by="test")
    return settings


def rows(connection: duckdb.DuckDBPyConnection, name: str) -> list[tuple[object, ...]]:
    return connection.execute(f"from raw.{name}").fetchall()


def hold(settings: Settings, version: int, pairs: list[tuple[str, str]], *, exists: bool = True):
    name = f"{version}.parquet"
    folder = holdings_folder(settings, "acme", "piano")
    folder.mkdir(parents=True, exist_ok=True)
    if exists:
        cookies, records = zip(*pairs, strict=True)
        table = pa.table({"partner_cookie_id": cookies, "crm_record_id": records})
        pq.write_table(table, folder / name)
    moment = datetime(2026, 11, version)
    with state.begin(settings) as connection:
        connection.execute(
            state.deliveries.insert().values(
                client_id="acme",
                partner_id="piano",
                build_id=str(version),
                state="confirmed",
                from_load_seq=0,
                load_seq=version,
                as_of=moment,
                planned_at=moment,
                rows_added=1,
                rows_seen=0,
                rows_removed=0,
                confirmed_at=moment,
            )
        )


def landed(connection: duckdb.DuckDBPyConnection, load_seq: int) -> None:
    connection.execute(
        "insert into raw.loads by name "
        "select ? as load_seq, 'pixel_log' as source, '' as sha256, "
        "'' as file_name, 0 as content_bytes, true as ends_with_newline, 0 as lines, "
        "0 as accepted, "
        "0 as untracked, 0 as quarantined, 0 as duplicate, 0 as not_ours, "
        "timestamp '2026-11-21' as landed_at, date '2026-11-21' as hit_date",
        [load_seq],
    )


def test_everything_is_mirrored_and_replaced(home: Settings) -> None:
    suppressions.add(home, subject_type="record", subject_id="7", client_id="acme")
    with open_warehouse(home) as connection:
        for _ in range(2):
            mirror(connection, home)
            assert rows(connection, "clients")[0] == ("acme", "Acme", "UTC", 0.8, 90)
            assert rows(connection, "sites") == [("s1", "acme", "shop")]
            assert rows(connection, "publishers") == [
                ("news", "News", "acme"),
                ("news", "News", "zoo"),
            ]
            assert rows(connection, "lists") == [
                ("00001", "acme", "Customers", "week"),
                ("00002", "acme", "Cards", None),
            ]
            assert rows(connection, "client_partners") == [("acme", "piano")]
            assert len(rows(connection, "partners")) == len(load_partners())
            assert rows(connection, "suppressions") == [
                ("acme", "record", "7", datetime(2026, 11, 21, 3, 10))
            ]
        registry.replace(home, Registry(), by="test")
        mirror(connection, home)
        assert rows(connection, "clients") == []


def test_a_warehouse_of_an_earlier_version_gets_the_new_columns(home: Settings) -> None:
    with open_warehouse(home) as connection:
        landed(connection, 1)
        connection.execute("alter table raw.loads drop column uploaded_by")
        connection.execute("alter table raw.lists drop column upload_every")
    with open_warehouse(home) as connection:
        mirror(connection, home)
        assert rows(connection, "lists")[0][-1] == "week"
        assert connection.execute("select uploaded_by from raw.loads").fetchall() == [(None,)]


def test_suppressions_of_every_client_have_no_client(home: Settings) -> None:
    suppressions.add(home, subject_type="visitor", subject_id="ab" * 16)
    with open_warehouse(home) as connection:
        mirror(connection, home)
        assert rows(connection, "suppressions")[0][:3] == (None, "visitor", "ab" * 16)


def test_only_confirmed_deliveries_are_mirrored(home: Settings) -> None:
    moment = datetime(2026, 11, 21)
    common = {
        "client_id": "acme",
        "partner_id": "piano",
        "from_load_seq": 0,
        "as_of": moment,
        "planned_at": moment,
        "rows_added": 1,
        "rows_seen": 2,
        "rows_removed": 3,
    }
    with state.begin(home) as connection:
        for seq, (name, confirmed_at) in enumerate([("confirmed", moment), ("planned", None)]):
            connection.execute(
                state.deliveries.insert().values(
                    build_id=f"b{seq}",
                    state=name,
                    load_seq=seq,
                    confirmed_at=confirmed_at,
                    **common,
                )
            )
    with open_warehouse(home) as warehouse:
        mirror(warehouse, home)
        assert rows(warehouse, "deliveries") == [("acme", "piano", "b0", 0, 1, 2, 3, moment)]


def test_holdings_follow_their_version(home: Settings) -> None:
    with open_warehouse(home) as connection:
        landed(connection, 2)
        hold(home, 1, [("cx:a", "7")])
        mirror(connection, home)
        # Written before the moments were kept: they stay unknown.
        assert rows(connection, "holdings") == [("acme", "piano", 1, "cx:a", "7", None, None)]
        (holdings_folder(home, "acme", "piano") / "1.parquet").unlink()
        mirror(connection, home)  # the version stands, its file is not read again
        hold(home, 2, [("cx:a", "7"), ("cx:b", "8")])
        mirror(connection, home)  # made of load 2 itself: the build of load 2 counts without it
        assert len(rows(connection, "holdings")) == 1
        landed(connection, 3)
        mirror(connection, home)
        assert [row[2:5] for row in rows(connection, "holdings")] == [
            (2, "cx:a", "7"),
            (2, "cx:b", "8"),
        ]


def test_a_missing_holdings_file_changes_nothing(home: Settings) -> None:
    with open_warehouse(home) as connection:
        mirror(connection, home)
        landed(connection, 4)
        hold(home, 3, [], exists=False)
        registry.replace(home, Registry(), by="test")
        with pytest.raises(ConfigError, match="piano holds for acme"):
            mirror(connection, home)
        assert len(rows(connection, "clients")) == 2


def test_of_who_was_erased_or_came_back_only_the_moment_is_mirrored(home: Settings) -> None:
    number, other = requests.ask(
        home, "erasure", "acme", [[("record", "7")], [("record", "8")]], by="test"
    )
    later = replace(home, now=NOW + timedelta(days=9))
    with open_warehouse(home) as connection:
        for settings, mirrored in (
            (home, {("record", "7"), ("record", "8")}),
            (later, {("erasure", str(number)), ("record", "8")}),
        ):
            if settings is later:
                requests.note(home, number, status="erasing")
            mirror(connection, settings)
            found = rows(connection, "suppressions")
            assert {(kind, subject) for _, kind, subject, _ in found} == mirrored
            assert {at for *_, at in found} == {utc_naive(NOW)}
        requests.lift(later, "acme", [("record", "8")], by="test")
        mirror(connection, later)
        assert sorted(rows(connection, "suppressions")) == [
            ("acme", "erasure", str(number), utc_naive(NOW)),
            ("acme", "erasure", str(other), utc_naive(later.clock.now())),
        ]
