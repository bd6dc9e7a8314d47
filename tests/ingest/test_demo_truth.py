"""The demo's truth: what counts as right and recoverable, and that its files bear it out."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pytest

from ingest.demo import Score, WorldOptions, make_world, score
from ingest.demo.people import NEVER, Records
from ingest.demo.randomness import texts
from ingest.demo.truth import true_pairs
from ingest.demo.truth_files import Evidence, TruthWriter, write_records
from ingest.inbox import land_inbox
from matchbook import registry
from matchbook.keys import load_keys
from matchbook.settings import Settings
from matchbook.warehouse import open_warehouse

OPTIONS = WorldOptions(end=date(2026, 11, 20), visitors=100, days=10, nights=0)
CLIENT = "oakandlinen"
ANNA, BEN = "OL-0010001", "OL-0010002"


def ints(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Anna (person 0) and Ben (1) share an e-mail; only Anna uses browser a, Ben uses b."""
    folder = tmp_path / "truth"
    found = Records(
        person=ints(0, 1), number=ints(10_001, 10_002), email=ints(0, 0), phone=ints(-1, 1),
        postal=ints(-1, -1), contact=ints(-1, -1), created_day=ints(0, 0),
        left_day=ints(NEVER, NEVER), is_loyalty=np.array([False, False]),
    )  # fmt: skip
    nobody = found.take(np.array([False, False]))
    write_records(folder, OPTIONS, {CLIENT: found, "farwater": nobody, "ochtendblad": nobody})
    truth = TruthWriter(folder, OPTIONS)
    truth.add_uses(2, ints(0, 1), texts(["a", "b"]), ints(0, 1))
    email = Evidence(CLIENT, "email", texts(["a"]), ints(0), ints(0), texts([""]))
    phone = Evidence(CLIENT, "phone", texts(["b"]), ints(1), ints(0), texts(["no_consent"]))
    truth.add_evidence(2, [email, phone])
    truth.add_withdrawals(2, texts(["z"]))
    truth.flush(0, 9)
    return tmp_path


def test_a_pair_is_right_when_the_person_used_the_browser(home: Path) -> None:
    pairs = {
        (p["visitor_id"], p["crm_record_id"]): p for p in true_pairs(Settings(home)).to_pylist()
    }
    assert pairs["a", ANNA]["is_right"]
    assert pairs["a", ANNA]["is_recoverable"]
    assert not pairs["a", BEN]["is_right"]
    assert pairs["a", BEN]["reason"] == "not_their_browser"
    assert pairs["b", BEN]["is_right"]
    assert not pairs["b", BEN]["is_recoverable"]
    assert pairs["b", BEN]["reason"] == "no_consent"


def test_the_score_counts_pairs_once(home: Path) -> None:
    found = [(CLIENT, "a", ANNA), (CLIENT, "a", ANNA), (CLIENT, "a", BEN)]
    assert score(Settings(home), found) == Score(0.5, 1.0, 2, 1, 1, 1)
    relation = duckdb.sql(f"select '{CLIENT}', 'a', '{ANNA}'")
    assert score(Settings(home), relation) == Score(1.0, 1.0, 1, 1, 1, 1)


def test_nothing_found_recalls_nothing(home: Path) -> None:
    assert score(Settings(home), []) == Score(1.0, 0.0, 0, 0, 1, 0)


def test_what_has_not_landed_or_is_too_old_cannot_be_recovered(home: Path) -> None:
    day = OPTIONS.date_of(2)
    for as_of in (day - timedelta(days=1), day + timedelta(days=90)):
        assert score(Settings(home), [], as_of=as_of).recoverable == 0
    assert score(Settings(home), [], as_of=day + timedelta(days=89)).recoverable == 1


NAIVE_LINKS = """
with evidence as (
    select client_id, visitor_id, identifier_key, cep_contact_id from raw.hits
    where hit_type in ('click', 'read', 'identify')
    union all
    select baked.client_id, visitor_id, identifier_key, null from raw.hits
    cross join (values ('oakandlinen'), ('farwater')) as baked (client_id)
    where hit_type = 'bake'
),

records as (
    select client_id, crm_record_id, identifier_key, null as cep_contact_id
    from raw.record_identifiers where crm_record_id is not null
    union all
    select client_id, crm_record_id, null, cep_contact_id
    from raw.crm_rows where crm_record_id is not null
),

links as (
    select evidence.client_id, evidence.visitor_id, records.crm_record_id
    from evidence inner join records using (client_id, identifier_key)
    union
    select evidence.client_id, evidence.visitor_id, records.crm_record_id
    from evidence inner join records using (client_id, cep_contact_id)
)

from links
where crm_record_id not in (
    select crm_record_id from raw.crm_rows
    where list_mode = 'opt-out' and crm_record_id is not null
)
"""


@pytest.mark.proof
def test_naive_linking_of_the_files_finds_what_the_truth_promises(tmp_path: Path) -> None:
    options = WorldOptions(end=date(2026, 11, 20), visitors=1000, days=21, nights=0, seed=5)
    settings = Settings(home=tmp_path)
    world = make_world(settings, options)
    world.backlog()
    settings = Settings(home=tmp_path, now=world.backlog_clock())
    with open_warehouse(settings) as connection:
        loads = land_inbox(
            connection,
            settings,
            registry=registry.current(settings),
            keys=load_keys(settings.keys),
            progress=lambda text: None,
        )
        found = score(settings, connection.sql(NAIVE_LINKS))
    assert not list(settings.refused.glob("*"))
    assert sum(load.accepted for load in loads) > 0.5 * sum(load.lines for load in loads)
    assert found.pairs > 200
    assert 0.90 <= found.precision <= 0.98
    assert found.recall > 0.9
