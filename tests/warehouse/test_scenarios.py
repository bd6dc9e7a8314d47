"""Three nights of the cases in scenarios.md, built for real, and then built otherwise."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from dashboard.wording import FUNNEL_REASONS
from tests.warehouse import scenarios
from tests.warehouse.hand_made import Client, day_of, land_night, land_registry
from tests.warehouse.nights import ALL, NIGHTS, WAREHOUSE, Nights, marts, say
from tests.warehouse.project import PROJECT, broken_nodes, dbt, rows

pytestmark = pytest.mark.xdist_group("warehouse")

LINES_OF_EVIDENCE = """
    select evidence.client_id, evidence.crm_record_id, evidence_type, hits,
        first_file_name, first_line_number, last_file_name, last_line_number,
        first_hits.hit_type = evidence_type and last_hits.hit_type = evidence_type
            and first_hits.hit_date = evidence.hit_date as are_its_lines
    from marts.match_evidence as evidence
    left join raw.hits as first_hits
        on first_load_seq = first_hits.load_seq and first_line_number = first_hits.line_number
    left join raw.hits as last_hits
        on last_load_seq = last_hits.load_seq and last_line_number = last_hits.line_number
"""

GROWING = ("int_sync_days", "int_evidence_days", "int_visitor_days", "int_withdrawal_days")
GROWING += ("int_site_days", "int_partner_site_days", "int_syncs", "int_visitors")
GROWING += ("int_visitor_day_blocks",)

BREACHES = {
    "lines_are_conserved": "update raw.line_outcomes set lines = lines + 1 where load_seq = 1",
    "matches_have_evidence_sync_and_live_record": """
        insert into marts.matches
        select * replace ('ghost' as crm_record_id) from marts.matches limit 1""",
    "coverage_agrees_with_match_rates": """
        update marts.identifier_coverage set matched_with = matched_with - 1
        where matched_with > 0""",
    "funnel_steps_are_subsets": """
        update marts.record_funnel set records = records + 1
        where step = 'recognised' and reason is null""",
    "funnel_agrees_with_match_rates": """
        update marts.record_funnel set records = records + 1
        where step = 'eligible' and reason is null""",
    "match_rate_changes_add_up": """
        update marts.match_rate_changes set matched_change = matched_change + 5
        where position = 1""",
    "match_steps_add_up": "delete from marts.match_steps where crm_record_id = 'ana'",
    "match_rates_recount_matches": """
        update marts.match_rates set numerator = numerator + 1
        where look_back_days = 30 and breakdown = 'all'""",
    "rates_lead_to_their_rows": """
        delete from intermediate.int_record_sightings where crm_record_id = 'ana'""",
    "marts_hold_no_identifier_key": """
        insert into marts.matches
        select matches.* replace (keys.identifier_key as crm_record_id)
        from marts.matches inner join intermediate.int_record_keys as keys using (client_id)
        where keys.identifier_type = 'email' limit 1""",
    "partner_pairs_are_deliverable_and_gated": """
        delete from exports.exp_partner_pair_gates where subject_type = 'visitor'""",
    "record_keys_do_not_overlap": """
        insert into intermediate.int_record_keys
        select * replace (valid_from + 1 as valid_from)
        from intermediate.int_record_keys limit 1""",
    "members_are_records": "update marts.members set member_key = 1 where is_matched",
}
"""For each law, what must not go unnoticed."""


def test_shared_device_is_both_peoples_and_merges_nobody(nights: Nights) -> None:
    found = nights.pairs("shared_device")
    assert found == {("tablet", "ana"): True, ("laptop", "ben"): True, ("laptop", "cem"): True}
    query = "select crm_record_id from marts.members where client_id = 'shared_device' order by all"
    assert nights.ask(query) == [("ana",), (None,)]


def test_cleared_cookie_is_one_record_with_two_cookies(nights: Nights) -> None:
    assert nights.pairs("cleared_cookie") == {("c1", "ana"): True, ("c2", "ana"): True}
    query = "select count(*), count(distinct member_key) from marts.members"
    assert nights.ask(f"{query} where client_id = 'cleared_cookie'") == [(3, 1)]


def test_late_sync_restates_the_day_it_belongs_to(nights: Nights) -> None:
    assert nights.pairs("late_sync", night=1) == {}
    assert nights.rate("late_sync", day=0, night=1) == (0, 1)
    assert nights.rate("late_sync", day=0, night=2) == (1, 1)


def test_refusal_ends_the_match_and_keeps_the_past(nights: Nights) -> None:
    assert nights.pairs("refusal", night=0) == {("c1", "ana"): True}
    assert nights.pairs("refusal", night=1) == nights.pairs("refusal", night=2) == {}
    assert nights.rate("refusal", day=0) == (1, 1)
    assert nights.rate("refusal", day=2) == (0, 1)


def test_opted_out_record_comes_back_as_the_same_match(nights: Nights) -> None:
    ids = [
        [match_id for client, *_, match_id in found if client == "out_and_back"]
        for found in nights.matches
    ]
    assert ids[1] == []
    assert ids[0] == ids[2] != []


def test_record_missing_from_a_replacement_leaves(nights: Nights) -> None:
    assert len(nights.pairs("replaced", night=0)) == 2
    assert nights.pairs("replaced", night=1) == {("ana", "ana"): True}


def test_empty_cell_takes_the_identifier_and_so_the_match(nights: Nights) -> None:
    assert nights.pairs("emptied_cell", night=0) == {("c1", "ana"): True}
    assert nights.pairs("emptied_cell", night=1) == {}
    assert nights.rate("emptied_cell", day=2) == (0, 0)


def test_kiosk_is_matched_and_never_delivered(nights: Nights) -> None:
    found = nights.pairs("kiosk")
    assert len(found) == 12
    assert not any(found.values())
    lost = "select records from marts.record_funnel where reason = 'shared_cookie'"
    assert nights.ask(f"{lost} and client_id = 'kiosk' and identifier_type = 'all'") == [(12,)]


def test_junk_key_joins_nobody_and_says_so(nights: Nights) -> None:
    assert nights.pairs("junk_key") == {}
    assert nights.losses("junk_key") == {"shared_identifier": 51}


def test_every_loss_has_a_lever_and_words(nights: Nights) -> None:
    reasons = {
        reason for (reason,) in nights.ask("select reason from intermediate.int_loss_reasons")
    }
    lost = "select distinct lost_because from intermediate.int_record_progress"
    assert {reason for (reason,) in nights.ask(lost)} - {None} <= reasons
    assert set(FUNNEL_REASONS) == reasons


def test_either_of_two_email_rules_may_match(nights: Nights) -> None:
    found = nights.pairs("two_email_rules")
    assert found == {("docs", "ana"): True, ("sdk", "ana"): True}


def test_person_with_two_records_is_matched_twice_and_a_member_of_none(nights: Nights) -> None:
    assert nights.pairs("one_person_twice") == {("c1", "ana"): True, ("c1", "ana-2"): True}
    query = "select is_matched from marts.members where client_id = 'one_person_twice'"
    assert nights.ask(query) == [(False,)]


def test_bake_counts_for_its_publishers_clients_only(nights: Nights) -> None:
    assert nights.pairs("bake_reader") == {("c1", "ana"): True}
    assert nights.pairs("bake_bystander") == {}


def test_click_makes_a_match_and_a_scanners_does_not(nights: Nights) -> None:
    assert nights.pairs("mail_click") == {("c1", "ana"): True}
    assert nights.rate("mail_click", day=2, partner="mapp_cep") == (1, 2)


def test_scanner_in_a_hurry_makes_no_match(nights: Nights) -> None:
    assert nights.pairs("mail_scan", night=0) == {("c1", "ana"): True, ("s0", "ben"): True}
    assert nights.pairs("mail_scan") == {("c1", "ana"): True}


def test_evidence_of_a_match_leads_to_its_lines(nights: Nights) -> None:
    found = nights.ask(LINES_OF_EVIDENCE)
    assert len(found) >= 30
    assert [row for row in found if not row[-1]] == []
    matched = "select distinct client_id, crm_record_id from marts.matches"
    assert set(nights.ask(matched)) <= {(client, record) for client, record, *_ in found}
    (ana,) = [row for row in found if row[:2] == ("mail_scan", "ana")]
    assert ana[3] == 3
    assert ana[4] == ana[6]
    assert ana[7] - ana[5] == 2


def test_future_hit_counts_once(nights: Nights) -> None:
    assert nights.pairs("ahead_of_time") == {("c1", "ana"): True}
    query = "select hit_date, hits from marts.sync_days where client_id = 'ahead_of_time'"
    assert nights.ask(query) == [(day_of(0), 1)]


def test_record_at_two_partners_counts_once_for_all(nights: Nights) -> None:
    for partner in ("tealium", "piano", "all"):
        assert nights.rate("two_partners", day=2, partner=partner) == (1, 1)


def test_whoever_asked_out_has_no_match(nights: Nights) -> None:
    assert len(nights.pairs("asked_out", night=1)) == 4
    assert nights.pairs("asked_out") == {("dia", "dia"): True}


def test_incremental_equals_full_refresh(nights: Nights, another_home: Path) -> None:
    dbt(another_home, "run", "--full-refresh")
    assert marts(another_home) == nights.marts
    for table in GROWING:
        query = f"select * from intermediate.{table} order by all"
        assert rows(another_home / WAREHOUSE, query) == nights.ask(query)


def test_every_law_can_fail(another_home: Path) -> None:
    with duckdb.connect(str(another_home / WAREHOUSE)) as connection:
        for breach in BREACHES.values():
            connection.execute(breach)
    broken = broken_nodes(another_home, "test", "--select", "test_type:singular")
    assert set(broken) == set(BREACHES) == {law.stem for law in (PROJECT / "tests").glob("*.sql")}


@pytest.mark.proof
def test_shuffled_and_late_equals_ordered_and_on_time(nights: Nights, another_home: Path) -> None:
    shutil.copy(another_home / "empty.duckdb", another_home / WAREHOUSE)
    clients = [_all_hits_last(scenario) for scenario in reversed(ALL)]
    land_registry(another_home, clients, scenarios.PUBLISHERS)
    for night in NIGHTS:
        say(another_home, night)
        land_night(another_home, night, clients)
    dbt(another_home, "run")
    assert marts(another_home) == nights.marts


def _all_hits_last(scenario: Callable[[], Client]) -> Client:
    client = scenario()
    hits = [hit for night in NIGHTS for hit in client.hits.get(night, [])]
    client.hits = {2: hits[::-1]}
    return client
