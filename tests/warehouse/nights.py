"""Three nights of every named case, and what the marts held after each."""

from __future__ import annotations

import pickle
import shutil
from datetime import date
from pathlib import Path
from typing import Any

from tests.warehouse import scenarios, scenarios_evidence
from tests.warehouse.hand_made import day_of, key, land_night, land_registry, landed, suppress
from tests.warehouse.project import dbt, rows

NIGHTS = range(3)
ALL = (*scenarios.ALL, *scenarios_evidence.ALL)
WAREHOUSE = "warehouse.duckdb"

MATCHES = """
    select client_id, partner_cookie_id, crm_record_id, is_deliverable, match_id
    from marts.matches
"""
RATES = """
    select client_id, partner_id, as_of_date, numerator, denominator from marts.match_rates
    where look_back_days = 30 and breakdown = 'all'
"""
CONTACTS = "select client_id, cep_contact_id from marts.cep_contacts where is_reachable"
MARTS = {
    "matches": "cookie_seen_load_seq",
    "match_browsers": "client_id",
    "recognised_browsers": "client_id",
    "match_conflicts": "client_id",
    "match_precision": "client_id",
    "match_steps": "load_seq",
    "match_tests": "client_id",
    "last_sightings": "client_id",
    "match_evidence": "first_load_seq, first_line_number, first_file_name, "
    "last_load_seq, last_line_number, last_file_name",
    "match_rates": "load_seq",
    "more_rates": "load_seq",
    "match_rate_changes": "client_id",
    "upload_cohorts": "load_seq, upload_seq",
    "cep_contacts": "client_id",
    "partner_cookies": "client_id",
    "visitors": "client_id",
    "visitor_actions": "load_seq",
    "people": "uploaded_at",
    "people_attributes": "client_id",
    "people_partners": "client_id",
    "members": "client_id",
    "site_days": "client_id",
    "sync_days": "client_id",
    "call_days": "client_id",
    "record_funnel": "lever",
}
"""What a client sees, and columns that may differ when files come in another order."""


class Nights:
    """What the marts held after each night."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.marts: dict[str, list[tuple[Any, ...]]] = {}
        self.matches: list[list[tuple[Any, ...]]] = []
        self.contacts: list[list[tuple[Any, ...]]] = []
        self.rates: list[dict[tuple[str, str, date], tuple[int, int]]] = []

    def remember(self) -> None:
        self.matches.append(rows(self.home / WAREHOUSE, MATCHES))
        self.contacts.append(rows(self.home / WAREHOUSE, CONTACTS))
        found = rows(self.home / WAREHOUSE, RATES)
        self.rates.append({(c, p, day): (n, d) for c, p, day, n, d in found})

    def pairs(self, client_id: str, night: int = 2) -> dict[tuple[str, str], bool]:
        """Cookie and record of each match, and whether it is deliverable."""
        start = len(client_id) + 1
        found = [row for row in self.matches[night] if row[0] == client_id]
        return {(cookie[start:], record): ok for _, cookie, record, ok, _ in found}

    def reachable(self, client_id: str, night: int = 2) -> set[int]:
        """The CEP contacts that an audience can reach."""
        return {contact for client, contact in self.contacts[night] if client == client_id}

    def rate(
        self, client_id: str, day: int, night: int = 2, partner: str = "tealium"
    ) -> tuple[int, int]:
        """The headline of a day as a night stated it."""
        return self.rates[night][client_id, partner, day_of(day)]

    def losses(self, client_id: str) -> dict[str, int]:
        """Why records of the last night came no further on the way to Tealium, and how many."""
        query = f"""
            select reason, records from marts.record_funnel
            where client_id = '{client_id}' and partner_id = 'tealium'
                and identifier_type = 'all' and reason is not null"""
        return dict(self.ask(query))

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """What the warehouse of the last night answers."""
        return rows(self.home / "nightly.duckdb", query)


def live_through(home: Path) -> None:
    """Land and build the nights in an empty home, one build each, the last with all its tests."""
    shutil.copy(home / WAREHOUSE, home / "empty.duckdb")
    told = Nights(home)
    clients = [scenario() for scenario in ALL]
    land_registry(home, clients, scenarios.PUBLISHERS)
    for night in NIGHTS:
        say(home, night)
        land_night(home, night, clients)
        dbt(home, "build" if night == NIGHTS[-1] else "run")
        told.remember()
    told.marts = marts(home)
    shutil.copy(home / WAREHOUSE, home / "nightly.duckdb")
    (home / "nights.pickle").write_bytes(pickle.dumps(told))


def say(home: Path, night: int) -> None:
    """What people say before a night: opt-outs and decisions."""
    scenarios_evidence.say(home, night)
    if night == 2:
        suppress(home, "asked_out", "identifier", key("ao-ana"), landed(1))
        suppress(home, "asked_out", "record", "ben", landed(1))
        suppress(home, "asked_out", "cep_contact", "9", landed(1))


def marts(home: Path) -> dict[str, list[tuple[Any, ...]]]:
    """What clients see, in a stable order."""
    return {
        mart: rows(home / WAREHOUSE, f"select * exclude ({dropped}) from marts.{mart} order by all")
        for mart, dropped in MARTS.items()
    }
