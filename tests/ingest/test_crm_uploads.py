"""Landing CRM files: keyed rows in one load, or nothing at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import duckdb
import pytest

from ingest.crm_uploads import CrmLoadResult, land_crm_file
from ingest.inbox import land_inbox
from ingest.landing import recover
from matchbook.errors import InputRejected
from matchbook.identifiers import identifier_key
from matchbook.keys import load_keys
from matchbook.registry import Client, CrmList, Registry
from matchbook.settings import Settings
from matchbook.warehouse import open_warehouse

REGISTRY = Registry(
    clients=(Client(client_id="acme", name="Acme"), Client(client_id="zoo", name="Zoo")),
    lists=(
        CrmList(list_id="00001", client_id="acme", name="Customers"),
        CrmList(list_id="00002", client_id="zoo", name="Visitors"),
    ),
)


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


A, B = digest("a@example.com"), digest("b@example.com")


@pytest.fixture
def warehouse(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_warehouse(settings) as connection:
        yield connection


class Desk:
    """Lands texts as files."""

    def __init__(
        self, warehouse: duckdb.DuckDBPyConnection, settings: Settings, folder: Path
    ) -> None:
        self.warehouse = warehouse
        self.settings = settings
        self.keys = load_keys(settings.keys)
        self.folder = folder

    def land(
        self, text: str, mode: str = "opt-in", list_id: str = "00001", *, confirm: bool = False
    ) -> CrmLoadResult:
        path = self.folder / "20221107_132117.csv"
        path.write_text(text)
        return land_crm_file(
            self.warehouse, self.settings, path, list_id=list_id, mode=mode,
            registry=REGISTRY, keys=self.keys, confirm_shrink=confirm,
        )  # fmt: skip

    def rows(self, query: str) -> list[tuple[object, ...]]:
        return self.warehouse.execute(query).fetchall()

    def key(self, value: str) -> str:
        return identifier_key(self.keys, "email", value)


@pytest.fixture
def desk(
    warehouse: duckdb.DuckDBPyConnection,
    settings: Settings,
    tmp_path_factory: pytest.TempPathFactory,
) -> Desk:
    return Desk(warehouse, settings, tmp_path_factory.mktemp("delivered"))


def people(*records: object) -> str:
    rows = (f"{record},{digest(str(record))}" for record in records)
    return "\n".join(["crm_record_id,email_sha256", *rows])


def test_a_file_lands_as_keyed_rows(desk: Desk) -> None:
    result = desk.land(
        "crm_record_id,email_sha256,phone_sha256_e164,cep_contact_id,tier,vip\n"
        f"1,{A},,5,gold,Ja\n2,{B.upper()},{A},,,nee\n3,junk,,,x,nee\n,{A},,,x,nee\n"
    )
    assert (result.lines, result.accepted, result.quarantined) == (4, 2, 2)
    assert result.quarantined_by_reason == {"bad_hash": 1, "missing_record_id": 1}
    assert desk.rows(
        "select line_number, client_id, list_id, list_mode, crm_record_id, cep_contact_id "
        "from raw.crm_rows order by all"
    ) == [(2, "acme", "00001", "opt-in", "1", 5), (3, "acme", "00001", "opt-in", "2", None)]
    assert desk.rows(
        "select crm_record_id, identifier_type, profile, identifier_key, key_version "
        "from raw.record_identifiers order by all"
    ) == [
        ("1", "email", "default", desk.key(A), 1),
        ("2", "email", "default", desk.key(B), 1),
        ("2", "phone", "e164", identifier_key(desk.keys, "phone", A), 1),
    ]
    assert desk.rows(
        "select crm_record_id, attribute_name, attribute_type, attribute_value "
        "from raw.record_attributes order by all"
    ) == [
        ("1", "tier", "text", "gold"),
        ("1", "vip", "boolean", "true"),
        ("2", "vip", "boolean", "false"),
    ]
    assert desk.rows("select column_kind, column_name from raw.load_columns order by all") == [
        ("attribute", "tier"),
        ("attribute", "vip"),
        ("cep_contact_id", "cep_contact_id"),
        ("identifier", "email:default"),
        ("identifier", "phone:e164"),
    ]
    assert desk.rows(
        "select line_number, client_id, reason, excerpt from raw.quarantine order by all"
    ) == [(4, "acme", "bad_hash", None), (5, "acme", "missing_record_id", None)]


def test_no_bare_hash_is_at_rest(desk: Desk, settings: Settings) -> None:
    desk.land(people(*range(100)))
    desk.warehouse.execute("checkpoint")
    stored = b"".join(p.read_bytes() for p in settings.home.rglob("*") if p.is_file())
    assert not any(digest(str(record)).encode() in stored for record in range(100))


def test_good_cells_of_a_row_are_kept_and_bad_ones_counted(desk: Desk) -> None:
    result = desk.land(f"crm_record_id,email_sha256,phone_sha256\n1,{A},junk\n")
    assert (result.accepted, result.cell_rejects) == (1, {"bad_hash": 1})


def test_the_same_bytes_on_the_same_list_are_duplicates(desk: Desk) -> None:
    desk.land(people(1, 2))
    again = desk.land(people(1, 2))
    assert (again.lines, again.duplicate, again.accepted) == (2, 2, 0)
    assert desk.land(people(1, 2), list_id="00002").accepted == 2
    assert desk.land(people(1, 2), "opt-out").accepted == 2
    assert desk.rows("select client_id, count(*) from raw.crm_rows group by all order by all") == [
        ("acme", 4),
        ("zoo", 2),
    ]


@pytest.mark.parametrize(
    ("list_id", "mode", "reason"),
    [("99999", "opt-in", "unknown_list"), ("00001", "add", "unknown_mode")],
)
def test_unknown_lists_and_modes(desk: Desk, list_id: str, mode: str, reason: str) -> None:
    with pytest.raises(InputRejected) as refused:
        desk.land(people(1), mode, list_id)
    assert refused.value.reason == reason


class TestShrink:
    """FC15: a replace that withdraws over 30 % is confirmed or does nothing."""

    @pytest.fixture
    def full(self, desk: Desk) -> Desk:
        desk.land(people(*range(100)))
        return desk

    def test_a_shrunken_replace_stops(self, full: Desk) -> None:
        with pytest.raises(InputRejected) as refused:
            full.land(people(*range(3)), "replace")
        assert refused.value.reason == "shrink"
        assert "97 of the list's 100" in str(refused.value)
        assert full.rows("select count(*) from raw.loads") == [(1,)]
        assert full.land(people(*range(3)), "replace", confirm=True).accepted == 3

    def test_thirty_percent_is_allowed(self, full: Desk) -> None:
        assert full.land(people(*range(30, 200)), "replace").accepted == 170
        with pytest.raises(InputRejected):
            full.land(people(*range(100, 148)), "replace")

    def test_other_people_in_equal_number_are_a_shrink(self, full: Desk) -> None:
        with pytest.raises(InputRejected):
            full.land(people(*range(100, 200)), "replace")

    def test_what_was_withdrawn_before_does_not_count(self, full: Desk) -> None:
        full.land(people(*range(40)), "opt-out")
        hashes = "\n".join(digest(str(record)) for record in range(40, 60))
        full.land(f"email_sha256\n{hashes}\n", "opt-out")
        assert full.land(people(*range(60, 100)), "replace").accepted == 40

    def test_what_came_back_counts_again(self, full: Desk) -> None:
        full.land(people(*range(100)), "opt-out")
        full.land(people(*range(50)), "opt-in")
        with pytest.raises(InputRejected, match="50 of the list's 50"):
            full.land(people(*range(200, 210)), "replace")

    def test_other_lists_do_not_count(self, full: Desk) -> None:
        assert full.land(people(1), "replace", "00002").accepted == 1


SECRETS = ["jan.jansen@example.nl", "06-12345678", "+31612345678"]


@pytest.mark.parametrize(
    ("secret", "rows_before"),
    [*((secret, 0) for secret in SECRETS), (SECRETS[0], 60_000)],
    ids=["e-mail", "phone", "international phone", "in the second batch"],
)
def test_nothing_of_a_refused_file_remains(
    desk: Desk, settings: Settings, secret: str, rows_before: int, caplog: pytest.LogCaptureFixture
) -> None:
    desk.land(people(1))
    before = {p: p.read_bytes() for p in (settings.home / "lake").rglob("*") if p.is_file()}
    rows = "".join(f"r{i},{A},marker\n" for i in range(rows_before))
    with pytest.raises(InputRejected) as refused:
        desk.land(f"crm_record_id,email_sha256,note\n{rows}r,{A},{secret}\n")
    assert refused.value.reason == "raw_personal_data"
    assert refused.value.erase_original
    assert secret not in str(refused.value) + caplog.text
    desk.warehouse.execute("checkpoint")
    after = {p: p.read_bytes() for p in settings.home.rglob("*") if p.is_file()}
    assert not any(text in data for data in after.values() for text in (secret.encode(), b"marker"))
    assert {p: d for p, d in after.items() if "lake" in p.parts} == before
    assert desk.rows("select count(*) from raw.loads") == [(1,)]
    assert desk.land(people(2)).accepted == 1


def test_a_landed_file_is_recovered_from_the_lake(desk: Desk, settings: Settings) -> None:
    desk.land(people(1, 2) + "\n3,junk\n")
    everything = "select * from raw.record_identifiers order by all"
    with open_warehouse(settings, path=settings.home / "rebuilt.duckdb") as rebuilt:
        assert recover(rebuilt, settings) == 1
        assert rebuilt.execute(everything).fetchall() == desk.rows(everything)


def test_hostile_file_names_are_metadata_only(desk: Desk, settings: Settings) -> None:
    path = desk.folder / "x.csv"
    path.write_text(people(1))
    result = land_crm_file(
        desk.warehouse, settings, path, list_id="00001", mode="opt-in", registry=REGISTRY,
        keys=desk.keys, inbox_name="../../\n\udcff" + "x" * 300 + ".csv",
    )  # fmt: skip
    assert len(result.file_name) == 255
    assert result.file_name.isprintable()


@pytest.mark.parametrize(
    "content",
    [f"crm_record_id,note\n1,{SECRETS[0]}\n", f'crm_record_id,note\n1,"{SECRETS[0]}'],
    ids=["raw personal data", "unreadable, so perhaps raw"],
)
def test_a_refused_file_is_gone_from_the_inbox(
    desk: Desk, settings: Settings, content: str
) -> None:
    folder = settings.inbox / "onboard" / "audience=00001" / "opt-in"
    folder.mkdir(parents=True)
    (folder / "20221107_132117.csv").write_text(content)
    (folder / "20221107_132117.csv.done").touch()
    (folder / "20221107_132118.csv").write_text(people(1))
    (folder / "20221107_132118.csv.done").touch()
    landed = land_inbox(
        desk.warehouse, settings, registry=REGISTRY, keys=desk.keys, progress=lambda _: None
    )
    assert [load.accepted for load in landed] == [1], "one bad file does not stop the queue"
    [reason] = settings.refused.iterdir()
    assert json.loads(reason.read_text())["reason"] in {"raw_personal_data", "unterminated_quote"}
    stored = [p.read_bytes() for p in settings.home.rglob("*") if p.is_file()]
    assert not any(SECRETS[0].encode() in data for data in stored)
