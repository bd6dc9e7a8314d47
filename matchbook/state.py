"""State: what people and exporters write. SQLite by default, PostgreSQL by URL.

The warehouse never opens this database; what models need is mirrored into `raw`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from matchbook import audit_rules, database, team_tables
from matchbook.alerts import tables as alert_tables
from matchbook.erasure import tables as erasure_tables
from matchbook.kept_audiences import tables as audience_tables
from matchbook.pushes import tables as push_tables
from matchbook.settings import Settings

METADATA = sa.MetaData()

registry_versions = sa.Table(
    "registry_versions",
    METADATA,
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("document", sa.JSON, nullable=False),
    sa.Column("changed_at", sa.DateTime, nullable=False),
    sa.Column("changed_by", sa.String(200), nullable=False),
)

suppressions = sa.Table(
    "suppressions",
    METADATA,
    sa.Column("suppression_id", sa.Integer, primary_key=True),
    sa.Column("client_id", sa.String(64)),  # null: every client
    sa.Column("subject_type", sa.String(16), nullable=False),
    sa.Column("subject_id", sa.String(200), nullable=False),
    sa.Column("suppressed_at", sa.DateTime, nullable=False),
    sa.UniqueConstraint("client_id", "subject_type", "subject_id"),
)

match_decisions = sa.Table(
    "match_decisions",
    METADATA,
    sa.Column("decision_id", sa.Integer, primary_key=True),
    sa.Column("client_id", sa.String(64), nullable=False),
    sa.Column("visitor_key", sa.BigInteger, nullable=False),
    sa.Column("crm_record_id", sa.String(200), nullable=False),
    sa.Column("decision", sa.String(16), nullable=False),  # this_record|not_this_record|open
    sa.Column("decided_by", sa.String(200), nullable=False),
    sa.Column("decided_at", sa.DateTime, nullable=False),
)

deliveries = sa.Table(
    "deliveries",
    METADATA,
    sa.Column("client_id", sa.String(64), primary_key=True),
    sa.Column("partner_id", sa.String(32), primary_key=True),
    sa.Column("build_id", sa.String(64), primary_key=True),
    sa.Column("state", sa.String(16), nullable=False),  # planned|sent|confirmed|rejected|unknown
    sa.Column("from_load_seq", sa.BigInteger, nullable=False),  # exclusive
    sa.Column("load_seq", sa.BigInteger, nullable=False),  # inclusive
    sa.Column("as_of", sa.DateTime, nullable=False),
    sa.Column("file_name", sa.String(255)),
    sa.Column("sha256", sa.String(64)),
    sa.Column("bytes", sa.BigInteger),
    sa.Column("rows_added", sa.BigInteger),
    sa.Column("rows_seen", sa.BigInteger),
    sa.Column("rows_removed", sa.BigInteger),
    sa.Column("reason", sa.String(500)),
    sa.Column("planned_at", sa.DateTime, nullable=False),
    sa.Column("confirmed_at", sa.DateTime),
    sa.Column("due_at", sa.DateTime),  # the hour of its cadence; null: as soon as it is built
    sa.Column("channel", sa.String(520)),  # where it went; null: the local folder
    sa.Column("attempts", sa.Integer),
    sa.Column("next_attempt_at", sa.DateTime),
    sa.Column("receipt", sa.String(16)),  # stored|read_back|partner|answers
    sa.Column("rows_suppressed", sa.BigInteger),  # taken out by the gate of that moment
    sa.Column("rows_not_removable", sa.BigInteger),
    sa.Column("account", sa.JSON),  # from matched pairs to rows, as its build counted them
)

delivery_files = sa.Table(
    "delivery_files",
    METADATA,
    sa.Column("client_id", sa.String(64), primary_key=True),
    sa.Column("partner_id", sa.String(32), primary_key=True),
    sa.Column("build_id", sa.String(64), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(400), nullable=False),  # at the partner
    sa.Column("kind", sa.String(16), nullable=False),  # matches|removals|manifest
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("requests_done", sa.BigInteger, nullable=False),  # of a file that goes as requests
    sa.Column("rows_refused", sa.BigInteger, nullable=False),  # by the partner, one by one
    sa.Column("sent_at", sa.DateTime),  # when the channel said that it is there
)

partner_channels = sa.Table(
    "partner_channels",
    METADATA,
    sa.Column("client_id", sa.String(64), primary_key=True),
    sa.Column("partner_id", sa.String(32), primary_key=True),
    sa.Column("address", sa.String(500), nullable=False),
    sa.Column("credentials", sa.String(128)),  # a reference, never a secret
    sa.Column("host_key", sa.String(1000)),
    sa.Column("endpoint", sa.String(300)),
    sa.Column("cadence_hours", sa.Integer, nullable=False),
    sa.Column("at_minute", sa.Integer, nullable=False),  # of the UTC day
    sa.Column("overrides", sa.JSON, nullable=False),
    sa.Column("is_active", sa.Boolean, nullable=False),
    sa.Column("changed_at", sa.DateTime, nullable=False),
    sa.Column("changed_by", sa.String(200), nullable=False),
    sa.Column("activated_at", sa.DateTime),
    sa.Column("activated_by", sa.String(200)),
    sa.Column("confirmed_at", sa.DateTime),
    sa.Column("confirmed_by", sa.String(200)),
    sa.Column("tested_at", sa.DateTime),
    sa.Column("test_problem", sa.String(500)),  # of the last test; null: it went well
)

holdings = sa.Table(
    "holdings",
    METADATA,
    sa.Column("client_id", sa.String(64), primary_key=True),
    sa.Column("partner_id", sa.String(32), primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),  # load_seq of the delivery behind it
    sa.Column("file_name", sa.String(255), nullable=False),
    sa.Column("pairs", sa.BigInteger, nullable=False),
)

jobs = sa.Table(
    "jobs",
    METADATA,
    sa.Column("job_id", sa.Integer, primary_key=True),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("client_id", sa.String(64)),
    sa.Column("arguments", sa.JSON, nullable=False),
    sa.Column("idempotency_key", sa.String(128), nullable=False, unique=True),
    sa.Column("status", sa.String(16), nullable=False),  # queued|running|done|failed
    sa.Column("progress", sa.String(200)),
    sa.Column("result", sa.JSON),
    sa.Column("queued_at", sa.DateTime, nullable=False),
    sa.Column("started_at", sa.DateTime),
    sa.Column("ended_at", sa.DateTime),
    sa.Column("worker_id", sa.String(64)),  # who took it last
    sa.Column("not_before", sa.DateTime),  # put back, because another run was busy
)

workers = sa.Table(
    "workers",
    METADATA,
    sa.Column("worker_id", sa.String(64), primary_key=True),
    sa.Column("reported_at", sa.DateTime, nullable=False),
)

runs = sa.Table(
    "runs",
    METADATA,
    sa.Column("run_id", sa.Integer, primary_key=True),
    sa.Column("command", sa.String(32), nullable=False),
    sa.Column("status", sa.String(16), nullable=False),  # running|done|failed
    sa.Column("step", sa.String(64)),
    sa.Column("message", sa.String(500)),
    sa.Column("build_id", sa.String(64)),
    sa.Column("started_at", sa.DateTime, nullable=False),
    sa.Column("ended_at", sa.DateTime),
)

stage_times = sa.Table(
    "stage_times",
    METADATA,
    sa.Column("run_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("command", sa.String(32), nullable=False),
    sa.Column("stage", sa.String(64), nullable=False),
    sa.Column("began_at", sa.DateTime, nullable=False),
    sa.Column("seconds", sa.Double, nullable=False),
    sa.Column("cpu_seconds", sa.Double, nullable=False),
    sa.Column("rows", sa.BigInteger),
    sa.Column("bytes", sa.BigInteger),
)

audit_events = sa.Table(
    "audit_events",
    METADATA,
    sa.Column("event_id", sa.Integer, primary_key=True),
    sa.Column("happened_at", sa.DateTime, nullable=False),
    sa.Column("actor", sa.String(200), nullable=False),
    sa.Column("client_id", sa.String(64)),
    sa.Column("action", sa.String(64), nullable=False),
    sa.Column("subjects", sa.BigInteger, nullable=False),
    sa.Column("about", sa.String(200)),
)
audit_rules.keep(METADATA)

storage_polls = sa.Table(
    "storage_polls",
    METADATA,
    sa.Column("location_id", sa.String(64), primary_key=True),
    sa.Column("polled_at", sa.DateTime, nullable=False),  # the wall clock's
    sa.Column("failures", sa.Integer, nullable=False),  # in a row; 0: the last poll went well
    sa.Column("problems", sa.JSON, nullable=False),  # of the last poll, as data
)

storage_files = sa.Table(
    "storage_files",
    METADATA,
    sa.Column("location_id", sa.String(64), primary_key=True),
    sa.Column("path", sa.String(400), primary_key=True),  # below onboard/
    sa.Column("version", sa.String(200), nullable=False),
    sa.Column("status", sa.String(16), nullable=False),  # seen|fetched|landed|refused
    sa.Column("erase", sa.Boolean, nullable=False),  # raw personal data: never archived
    sa.Column("sha256", sa.String(64)),
    sa.Column("seen_at", sa.DateTime, nullable=False),  # the wall clock's
)


METADATAS = (
    METADATA,
    alert_tables.METADATA,
    audience_tables.METADATA,
    push_tables.METADATA,
    erasure_tables.METADATA,
    team_tables.METADATA,
)


_ENGINES: dict[tuple[str, bool], sa.Engine] = {}
_OPENING = threading.Lock()


@contextmanager
def begin(settings: Settings, *, durable: bool = True) -> Iterator[sa.Connection]:
    """One transaction on the state database, created with its tables on first use.

    Not `durable`: it is not waited for until it is on the disk. A power cut may take it
    back, never tear it; the next durable one takes it along. Raises ConfigError where the
    database does not answer.
    """
    engine = _engine(settings.database_url, durable)
    try:
        connection = engine.connect()
    except sa.exc.OperationalError as error:
        raise database.unreachable() from error
    with connection, connection.begin():
        yield connection


def lock(connection: sa.Connection, name: str) -> None:
    """In a transaction: let nobody else be past this line, with this name, until it ends.

    For what reads, decides and writes; several processes may share a PostgreSQL.
    """
    database.lock(connection, name)


def takes_several_workers(settings: Settings) -> bool:
    """Whether this database hands out jobs to more than one worker at a time."""
    return not settings.database_url.startswith("sqlite:")


def forget_connections() -> None:
    """Open anew at the next use: for whoever replaces an SQLite file under a running process."""
    while _ENGINES:
        _ENGINES.popitem()[1].dispose()


def compact(settings: Settings) -> bool:
    """Leave no byte of deleted rows in an SQLite file; whether that is so now.

    Somebody who reads or writes meanwhile may prevent it. PostgreSQL's own vacuum sees to its own.
    """
    engine = _engine(settings.database_url)
    if engine.dialect.name != "sqlite":
        return True
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        try:
            connection.execute(sa.text("VACUUM"))
            (is_busy, *_) = connection.execute(sa.text("PRAGMA wal_checkpoint(TRUNCATE)")).one()
        except sa.exc.OperationalError:
            return False
    return not is_busy


def _engine(url: str, durable: bool = True) -> sa.Engine:
    with _OPENING:
        if (url, durable) not in _ENGINES:
            _ENGINES[url, durable] = database.open_engine(url, METADATAS, durable=durable)
        return _ENGINES[url, durable]
