"""A published home made by hand: what the pages read, without a night having run."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb

from matchbook import registry, snapshots, state
from matchbook.clock import utc_naive
from matchbook.files import write_whole
from matchbook.partners import load_partners
from matchbook.registry import Approval, Client, ClientPartner, Pixel, Registry, Site
from matchbook.settings import Settings
from matchbook.warehouse import open_file
from tests.dashboard.world_calls import write_calls
from tests.dashboard.world_matches import write_matches
from tests.dashboard.world_partners import write_partners
from tests.dashboard.world_rates import write_more_rates
from tests.dashboard.world_uploads import crm_lists, write_uploads

NOW = datetime(2026, 11, 21, 3, 10, tzinfo=UTC)
LAST_DAY = date(2026, 11, 20)
BUILD = "20261121T031000Z-900"
NINE = tuple(partner.partner_id for partner in load_partners())

CLIENTS = {"homestead": ("Homestead", NINE, 39_870), "farways": ("Farways Travel", NINE[:4], 8_120)}

# How far each partner gets, in hundredths; the travel company's numbers are smaller.
LEVELS = (52, 47, 23, 44, 38, 31, 57, 35, 41)

DESCRIPTIONS = (
    ("match_rates", "match_rate", "Matched records divided by the records that could be matched."),
    ("match_rates", "numerator", "Records with a match whose cookie was seen in the look-back."),
    ("match_rates", "denominator", "Live records with something to recognise a person by."),
    ("line_accounting", "lines", "Lines of a log, or rows of a CRM file."),
)

LOSSES = (
    ("live", 2, "withdrawn", "Nothing to do: they asked to be left out", 0.012),
    ("live", 2, "opted_out", "Nothing to do: they asked to be left out", 0.008),
    ("eligible", 3, "no_identifier", "Add an e-mail or phone hash to these records", 0.04),
    ("recognised", 4, "never_recognised", "Switch on link tracking in your mailings", 0.30),
    ("recognised", 4, "evidence_too_old", "Mail them again: a click brings them back", 0.05),
    ("synced", 5, "never_synced", "Put this partner's pixel on more pages", 0.12),
    ("delivered", 6, "low_confidence", "Several people use that browser", 0.02),
)


def make_registry(settings: Settings, client_ids: tuple[str, ...] = tuple(CLIENTS)) -> None:
    """Register the clients and their sites."""
    approval = Approval(approved_at=NOW - timedelta(days=55), approved_by="DPO", basis="consent")
    clients = tuple(
        Client(
            client_id=client_id,
            name=CLIENTS[client_id][0],
            time_zone="Europe/Amsterdam",
            partners=tuple(ClientPartner(partner_id=p) for p in CLIENTS[client_id][1]),
            dmp_matching_link_click=approval,
        )
        for client_id in client_ids
    )
    sites = tuple(_site(client_id, kind) for client_id in client_ids for kind in ("shop", "blog"))
    document = Registry(clients=clients, sites=sites, lists=crm_lists(client_ids))
    registry.replace(settings, document, by="test")


def _site(client_id: str, kind: str) -> Site:
    """Homestead's sites have pixels; the others wait for theirs."""
    name = f"{kind}.{client_id}.example"
    pixel = Pixel(integrations=("mapp_email", "tealium"), created_at=NOW, created_by="web team")
    own = pixel if client_id == "homestead" else None
    return Site(
        site_id=f"{client_id}-{kind}", client_id=client_id, name=name, hosts=(name,), pixel=own
    )


def publish(settings: Settings, client_ids: tuple[str, ...] = tuple(CLIENTS)) -> None:
    """Snapshots of the clients and the pointer to them."""
    files = {}
    for client_id in client_ids:
        snapshot = f"{client_id}/{BUILD}.duckdb"
        history = f"{client_id}/{BUILD}.history.json"
        _write_snapshot(settings.published / snapshot, client_id)
        listed = snapshots.HistoryList(columns=(("visitor_key", "bigint"),), files=())
        write_whole(settings.published / history, snapshots.to_json(listed))
        files[client_id] = snapshots.ClientFiles(snapshot=snapshot, history=history)
    publication = snapshots.Publication(
        build_id=BUILD,
        as_of=NOW - timedelta(minutes=4),
        as_of_date=LAST_DAY,
        load_seq=900,
        invocation_id="invocation-1",
        published_at=NOW,
        clients=files,
        outbox=BUILD,
    )
    write_whole(settings.published / snapshots.POINTER, snapshots.to_json(publication))


def deliver(settings: Settings, client_id: str, *, rejected: str = "") -> None:
    """A delivery per partner of this build."""
    rows = [
        {
            "client_id": client_id,
            "partner_id": partner_id,
            "build_id": BUILD,
            "state": "rejected" if partner_id == rejected else "confirmed",
            "from_load_seq": 890,
            "load_seq": 900,
            "as_of": utc_naive(NOW),
            "reason": "The folder is full" if partner_id == rejected else None,
            "planned_at": utc_naive(NOW),
            "confirmed_at": utc_naive(NOW) + timedelta(minutes=31),
        }
        for partner_id in CLIENTS[client_id][1]
    ]
    with state.begin(settings) as connection:
        connection.execute(state.deliveries.insert(), rows)


def record_run(
    settings: Settings, status: str, *, step: str = "deliver", at: datetime = NOW
) -> None:
    """A night in the log of runs."""
    with state.begin(settings) as connection:
        connection.execute(
            state.runs.insert().values(
                command="nightly",
                status=status,
                step=step,
                started_at=utc_naive(at) - timedelta(minutes=10),
                ended_at=None if status == "running" else utc_naive(at),
            )
        )


def _write_snapshot(path: Path, client_id: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = open_file(path, read_only=False)
    try:
        _names(connection, client_id)
        _rates(connection, client_id)
        _lines(connection, client_id)
        _rejected(connection, client_id)
        write_uploads(connection, client_id, LAST_DAY)
        _funnel(connection, client_id)
        write_calls(connection, client_id, LAST_DAY)
        write_more_rates(connection, LAST_DAY)
        write_matches(connection, client_id, LAST_DAY)
        write_partners(connection, client_id, LAST_DAY)
    finally:
        connection.close()


def _names(connection: duckdb.DuckDBPyConnection, client_id: str) -> None:
    connection.execute("create table partners (partner_id text, partner_name text, position int)")
    connection.executemany(
        "insert into partners values (?, ?, ?)",
        [(p.partner_id, p.name, p.position) for p in load_partners()],
    )
    connection.execute("create table client_partners (client_id text, partner_id text)")
    connection.executemany(
        "insert into client_partners values (?, ?)",
        [(client_id, partner_id) for partner_id in CLIENTS[client_id][1]],
    )
    connection.execute("create table sites (site_id text, client_id text, site_name text)")
    connection.executemany(
        "insert into sites values (?, ?, ?)",
        [(f"{client_id}-{k}", client_id, f"{k}.{client_id}.example") for k in ("shop", "blog")],
    )
    connection.execute(
        "create table column_descriptions (table_name text, column_name text, description text)"
    )
    connection.executemany("insert into column_descriptions values (?, ?, ?)", DESCRIPTIONS)


def _rates(connection: duckdb.DuckDBPyConnection, client_id: str) -> None:
    _, partners, records = CLIENTS[client_id]
    levels = [(p, level / 100) for p, level in zip(partners, LEVELS, strict=False)]
    levels += [("all", 0.62), ("mapp_cep", 0.29)]
    connection.execute("create temp table level (partner_id text, level double)")
    connection.executemany("insert into level values (?, ?)", levels)
    connection.execute(
        """
        create table match_rates as
        with days as (
            select cast(day as date) as as_of_date, row_number() over (order by day) as n
            from generate_series($last - interval 119 day, $last, interval 1 day) as g(day)
        ),
        parts as (
            select 'all' as breakdown, 'all' as breakdown_value, 1.0 as share
            union all values
                ('identifier_type', 'email', 0.9), ('identifier_type', 'phone', 0.3),
                ('site', $client || '-shop', 1.0), ('site', $client || '-blog', 1.0)
        ),
        counted as (
            select
                partner_id, as_of_date, look_back_days, breakdown, breakdown_value,
                cast(floor(share * ($records * (0.82 + 0.0015 * n)
                    + if(n >= 70, 2000, 0))) as bigint) as denominator,
                level * (0.55 + 0.45 * (1 - exp(-n / 30.0))) * if(look_back_days = 1, 0.2, 1)
                    * (1 + 0.012 * sin(n * 0.7 + hash(partner_id) % 7))
                    * if(n between 70 and 76, 0.95, 1) as rate
            from level, days, parts, (select unnest([1, 7, 30, 90]) as look_back_days)
            where partner_id <> 'mapp_cep' or breakdown = 'all'
        )
        select $client as client_id, * exclude (rate), least(
            denominator, cast(floor(denominator * rate) as bigint)) as numerator,
            numerator / denominator as match_rate
        from counted
        """,
        {"last": LAST_DAY, "records": records, "client": client_id},
    )


def _lines(connection: duckdb.DuckDBPyConnection, client_id: str) -> None:
    connection.execute(
        """
        create table line_accounting as
        with days as (
            select cast(day as date) as hit_date, row_number() over (order by day) as n
            from generate_series($last - interval 119 day, $last, interval 1 day) as g(day)
        ),
        kinds as (values
            ($client, 'pixel_log', 'accepted', null, 8360),
            ($client, 'pixel_log', 'untracked', 'no_consent', 2100),
            ($client, 'pixel_log', 'untracked', 'no_cookie', 610),
            ($client, 'pixel_log', 'untracked', 'opted_out', 44),
            ($client, 'pixel_log', 'quarantined', 'unexpanded_macro', 19),
            ($client, 'pixel_log', 'quarantined', 'pii_in_query', 6),
            (null, 'pixel_log', 'quarantined', 'malformed', 9),
            (null, 'pixel_log', 'quarantined', 'unknown_site', 4),
            ($client, 'pixel_log', 'duplicate', 'same_hit', 12),
            (null, 'pixel_log', 'not_ours', null, 1653),
            ($client, 'crm_file', 'accepted', null, 140),
            ($client, 'crm_file', 'quarantined', 'empty_hash', 2))
        select col0 as client_id, col1 as source, hit_date, col2 as outcome, col3 as reason,
            cast(ceil(col4 * (1 + 0.2 * sin(n))) as bigint) as lines
        from days cross join kinds
        """,
        {"last": LAST_DAY, "client": client_id},
    )


def _rejected(connection: duckdb.DuckDBPyConnection, client_id: str) -> None:
    """Three rejected lines of the last day, and the two files they stand in."""
    connection.execute(
        """
        create table rejected_lines as
        select $client as client_id, col0 as load_seq, col1 as source, col2 as site_id,
            col3 as partner_id, col4 as reason, col5 as file_name, col6 as excerpt,
            col7 as line_number, $last as hit_date
        from (values
            (900, 'pixel_log', $client || '-shop', 'tealium', 'unexpanded_macro', 'shop.log',
                '<ip> - - "GET /sync?partner=tealium&cookieid=${ID}"', 41),
            (900, 'pixel_log', '', '', 'pii_in_query', 'shop.log', null, 77),
            (899, 'crm_file', '', '', 'empty_hash', 'news.csv', null, 3))
        """,
        {"client": client_id, "last": LAST_DAY},
    )
    connection.execute(
        """
        create table landed_files as
        select $client as client_id, col0 as load_seq, col1 as source, col2 as file_name,
            col3 as lines, col4 as accepted, col5 as untracked, col6 as quarantined,
            0 as duplicate, 0 as not_ours, cast($last as timestamp) + interval 3 hour as landed_at
        from (values (900, 'pixel_log', 'shop.log', 1000, 800, 198, 2),
            (899, 'crm_file', 'news.csv', 140, 139, 0, 1))
        """,
        {"client": client_id, "last": LAST_DAY},
    )


def _funnel(connection: duckdb.DuckDBPyConnection, client_id: str) -> None:
    _, partners, records = CLIENTS[client_id]
    rows: list[tuple] = []
    for partner_id in partners:
        for kind, share in (("all", 1.0), ("email", 0.9), ("phone", 0.3)):
            rows += _funnel_rows(client_id, partner_id, kind, int(records * share))
    connection.execute(
        "create table record_funnel (client_id text, partner_id text, identifier_type text, "
        "step_number int, step text, reason text, lever text, records bigint)"
    )
    connection.executemany("insert into record_funnel values (?, ?, ?, ?, ?, ?, ?, ?)", rows)


def _funnel_rows(client_id: str, partner_id: str, kind: str, records: int) -> list[tuple]:
    left, rows = records, [(client_id, partner_id, kind, 1, "uploaded", None, None, records)]
    for number, step in enumerate(("live", "eligible", "recognised", "synced", "delivered"), 2):
        for name, _, reason, lever, share in LOSSES:
            if name == step:
                lost = int(records * share)
                left -= lost
                rows.append((client_id, partner_id, kind, number, step, reason, lever, lost))
        rows.append((client_id, partner_id, kind, number, step, None, None, left))
    return rows
