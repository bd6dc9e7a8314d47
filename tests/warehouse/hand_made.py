"""Raw rows by hand: what ingest would have landed, night by night, for one invented client."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from matchbook.identifiers import IDENTIFIER_TYPES
from matchbook.normalisation import profiles_of
from matchbook.settings import Settings
from matchbook.warehouse import open_warehouse

Row = dict[str, Any]

HASH_COLUMNS = {kind: (kind, "default") for kind in IDENTIFIER_TYPES}
HASH_COLUMNS |= {f"email_{profile}": ("email", profile) for profile in profiles_of("email")}

FIRST_NIGHT = datetime(2026, 11, 17, 3, 10)


def moment(night: int, days_ago: int = 1) -> datetime:
    """Ten in the morning, some days before the night (0 is the first)."""
    return datetime(2026, 11, 17, 10) + timedelta(days=night - days_ago)


def key(name: str) -> str:
    """The identifier key of an invented person."""
    return hashlib.sha256(name.encode()).hexdigest()


@dataclass
class Client:
    """A client's files. Browsers are its own; people are who they are everywhere."""

    client_id: str
    threshold: float = 0.8
    evidence_days: int = 90
    sites: tuple[str, ...] = ("home",)
    hits: dict[int, list[Row]] = field(default_factory=dict)
    uploads: dict[int, list[tuple[str, list[Row]]]] = field(default_factory=dict)

    def visitor(self, name: str) -> str:
        return hashlib.md5(f"{self.client_id} {name}".encode()).hexdigest()

    def hit(self, night: int, hit_type: str, browser: str, days_ago: int = 1, **more: Any) -> None:
        at = more.pop("hit_at", moment(night, days_ago))
        row = {"hit_type": hit_type, "visitor_id": self.visitor(browser), "hit_at": at}
        row |= {"hit_date": min(at.date(), landed(night).date()), "is_bot": False}
        row |= {"client_id": self.client_id, "site_id": f"{self.client_id}-home"} | more
        self.hits.setdefault(night, []).append(row)

    def sync(self, night: int, browser: str, cookie: str, days_ago: int = 1, **more: Any) -> None:
        own = {"partner_id": "tealium", "partner_cookie_id": f"{self.client_id}-{cookie}"}
        self.hit(night, "sync", browser, days_ago, **own | more)

    def sign_in(
        self, night: int, browser: str, person: str, days_ago: int = 1, by: str = "email"
    ) -> None:
        own = {"identifier_type": by, "identifier_key": key(person), "key_version": 1}
        self.hit(night, "identify", browser, days_ago, **own)

    def click(self, night: int, browser: str, contact: int, **more: Any) -> None:
        self.hit(night, "click", browser, cep_contact_id=contact, **more)

    def upload(self, night: int, mode: str, *rows: Row) -> None:
        """Rows have `record`; `email`, `email_<profile>`, `phone` or `postal` (whose, or '' for an
        empty cell) or `contact`."""
        self.uploads.setdefault(night, []).append((mode, list(rows)))


def landed(night: int) -> datetime:
    """When the files of a night land."""
    return FIRST_NIGHT + timedelta(days=night)


def land_registry(home: Path, clients: list[Client], publishers: dict[str, list[str]]) -> None:
    """The mirrors: every client works with Tealium and Piano and has one list."""
    with open_warehouse(Settings(home=home)) as connection:
        for client in clients:
            own = {"client_id": client.client_id}
            settings = {"time_zone": "UTC", "confidence_threshold": client.threshold}
            settings |= {"client_name": client.client_id, "evidence_days": client.evidence_days}
            _insert(connection, "clients", [own | settings])
            sites = [f"{client.client_id}-{site}" for site in client.sites]
            _insert(connection, "sites", [own | {"site_id": s, "site_name": s} for s in sites])
            names = {"list_id": _list(client), "list_name": "Newsletter"}
            _insert(connection, "lists", [own | names])
            partners = [own | {"partner_id": p} for p in ("tealium", "piano")]
            _insert(connection, "client_partners", partners)
        for position, partner in enumerate(("tealium", "piano")):
            row = {"partner_id": partner, "partner_name": partner.title(), "position": position}
            _insert(connection, "partners", [row])
        for publisher, readers in publishers.items():
            named = {"publisher_id": publisher, "publisher_name": publisher}
            _insert(connection, "publishers", [named | {"client_id": c} for c in readers])


def suppress(home: Path, client_id: str, subject_type: str, subject_id: str, at: datetime) -> None:
    """An opt-out that came by another way than a browser."""
    row = {"client_id": client_id, "subject_type": subject_type, "subject_id": subject_id}
    with open_warehouse(Settings(home=home)) as connection:
        _insert(connection, "suppressions", [row | {"suppressed_at": at}])


def decide(home: Path, client: Client, browser: str, record: str, word: str, at: datetime) -> None:
    """What a person said of a browser and a record."""
    named = f"{client.client_id}\0{client.visitor(browser)}".encode()
    row = {"client_id": client.client_id, "crm_record_id": record, "decision": word}
    row |= {"visitor_key": int(hashlib.sha256(named).hexdigest()[:15], 16)}
    with open_warehouse(Settings(home=home)) as connection:
        _insert(connection, "match_decisions", [row | {"decided_by": "A. Vos", "decided_at": at}])


def block(home: Path, identifier_type: str, value: str) -> None:
    """A value that forms are filled with."""
    row = {"identifier_type": identifier_type, "identifier_key": key(value)}
    with open_warehouse(Settings(home=home)) as connection:
        _insert(connection, "blocked_keys", [row])


def land_night(home: Path, night: int, clients: list[Client]) -> None:
    """One CRM load per upload, then one log with the hits of all clients."""
    with open_warehouse(Settings(home=home)) as connection:
        for client in clients:
            for mode, rows in client.uploads.get(night, []):
                _land_upload(connection, client, mode, rows, landed(night))
        hits = [hit for client in clients for hit in client.hits.get(night, [])]
        seq = _load(connection, "pixel_log", len(hits), landed(night))
        defaults = {"load_seq": seq, "is_prefetch": False}
        defaults |= {"has_clock_skew": False, "has_format_warning": False}
        numbered = [defaults | {"line_number": n} | hit for n, hit in enumerate(hits, 1)]
        _insert(connection, "hits", numbered)


def _land_upload(
    connection: duckdb.DuckDBPyConnection, client: Client, mode: str, rows: list[Row], at: datetime
) -> None:
    own = {"client_id": client.client_id, "list_id": _list(client), "list_mode": mode}
    seq = _load(connection, "crm_file", len(rows), at, **own)
    day: Row = {"load_seq": seq, "hit_date": at.date()}
    for number, row in enumerate(rows, 1):
        line = day | {"line_number": number, "crm_record_id": row.get("record")}
        _insert(connection, "crm_rows", [line | own | {"cep_contact_id": row.get("contact")}])
        bare = line | {name: own[name] for name in ("client_id", "list_id")}
        for column, (kind, profile) in HASH_COLUMNS.items():
            if whose := row.get(column):
                named = {"identifier_type": kind, "profile": profile, "key_version": 1}
                _insert(
                    connection,
                    "record_identifiers",
                    [bare | named | {"identifier_key": key(whose)}],
                )
    columns = {
        column: ("identifier", f"{kind}:{profile}")
        for column, (kind, profile) in HASH_COLUMNS.items()
    }
    columns["contact"] = ("cep_contact_id", "cep_contact_id")
    for name in sorted({name for row in rows for name in row} & set(columns)):
        column_kind, column_name = columns[name]
        found = {"list_id": _list(client), "column_kind": column_kind, "column_name": column_name}
        _insert(connection, "load_columns", [day | found])


def _load(
    connection: duckdb.DuckDBPyConnection, source: str, lines: int, at: datetime, **more: str
) -> int:
    newest = connection.execute("select coalesce(max(load_seq), 0) from raw.loads").fetchone()
    seq = (newest[0] if newest else 0) + 1
    day = {"load_seq": seq, "source": source, "hit_date": at.date(), "lines": lines}
    entry = {"sha256": key(f"load {seq}"), "file_name": f"{seq}", "content_bytes": lines}
    entry |= {"ends_with_newline": True, "accepted": lines, "landed_at": at}
    entry |= dict.fromkeys(("untracked", "quarantined", "duplicate", "not_ours"), 0)
    _insert(connection, "loads", [day | entry | more])
    if lines:
        client = {"client_id": more.get("client_id"), "outcome": "accepted"}
        _insert(connection, "line_outcomes", [day | client])
    return seq


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: list[Row]) -> None:
    for row in rows:
        names = ", ".join(row)
        marks = ", ".join("?" * len(row))
        connection.execute(
            f"insert into raw.{table} ({names}) values ({marks})", list(row.values())
        )


def _list(client: Client) -> str:
    return f"{client.client_id}-news"


def day_of(night: int) -> date:
    """The day a night's build counts up to."""
    return landed(night).date()
