"""Matchbook beside two simple ways to match, on one world whose truth is known.

    python -m tests.benchmarks.matching --visitors 1000000

Latest identity wins: a browser belongs to whoever was recognised in it last, as in Snowplow's
unified user mapping. Transitive closure: browsers, identifiers and records that hang together
are one person, as in a graph id-resolution. Both get what Matchbook gets: calls by people
(robots known by name are gone), live records that have not opted out, the same look-back.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import click
import duckdb
import numpy as np
import pyarrow as pa
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ingest.demo.truth import Score, score, true_pairs
from matchbook.settings import Settings
from tests.benchmarks.calibration import land_home, match_home
from tests.memory import peak_mib

PRECISION, RECALL = 0.98, 0.90
"""What Matchbook has to reach and each rival has to miss one of."""

EVIDENCE = """
create temp table evidence as
with clients as (select client_id, evidence_days from warehouse.raw.clients),
moment as (select max(landed_at)::date as today from warehouse.raw.loads),
hits as (select * from warehouse.raw.hits where not is_bot and not is_prefetch)
select client_id, visitor_id, hit_at,
    case when hit_type in ('click', 'read') then 'cep_contact' else identifier_type end as kind,
    coalesce(identifier_key, cep_contact_id::varchar) as key
from hits inner join clients using (client_id), moment
where hit_type in ('click', 'read', 'identify') and hit_date + evidence_days::integer > today
union all
select clients.client_id, visitor_id, hit_at, identifier_type, identifier_key
from hits
inner join warehouse.raw.publishers as publishers using (publisher_id)
inner join clients on publishers.client_id = clients.client_id, moment
where hit_type = 'bake' and hit_date + evidence_days::integer > today;

create temp table records as
select distinct keys.client_id, keys.crm_record_id, identifier_type as kind, identifier_key as key
from warehouse.intermediate.int_record_keys as keys
cross join warehouse.intermediate.int_build as build
inner join warehouse.intermediate.int_record_dates as dates
    on dates.as_of_date = build.as_of_date and dates.client_id = keys.client_id
    and dates.crm_record_id = keys.crm_record_id and dates.is_eligible
where keys.valid_from <= build.as_of_date and keys.valid_until > build.as_of_date;
"""

LATEST = """
with ranked as (
    select *, row_number() over (
        partition by client_id, visitor_id
        order by hit_at desc, array_position(['email', 'phone', 'cep_contact', 'postal'], kind), key
    ) as place
    from evidence
)
select distinct client_id, visitor_id, crm_record_id
from ranked inner join records using (client_id, kind, key) where place = 1
"""

LINKS = """
create temp table links as
select distinct client_id, 'v' || visitor_id as one, kind || key as other from evidence
union
select client_id, 'r' || crm_record_id, kind || key from records;
create temp table nodes as
select client_id, node, (row_number() over () - 1)::integer as number
from (select client_id, one as node from links union select client_id, other from links)
"""

ENDS = """
select ones.number as one, others.number as other
from links
inner join nodes as ones on links.client_id = ones.client_id and links.one = ones.node
inner join nodes as others on links.client_id = others.client_id and links.other = others.node
"""

PEOPLE = """
create temp table people as
select client_id, node[1] as kind, node[2:] as id, label
from nodes inner join labels using (number)
where node[1] = 'r' or node[1] = 'v'
"""

CLOSURE = """
with sizes as (
    select label, count(*) filter (kind = 'v') as browsers, count(*) filter (kind = 'r') as records
    from people group by label
),
together as (
    select truth.is_right, truth.is_recoverable
    from truth
    inner join people as browsers on browsers.kind = 'v'
        and browsers.client_id = truth.client_id and browsers.id = truth.visitor_id
    inner join people as records on records.kind = 'r'
        and records.client_id = truth.client_id and records.id = truth.crm_record_id
    where browsers.label = records.label
)
select
    (select sum(browsers::hugeint * records) from sizes) as pairs,
    (select count(*) from together where is_right) as right,
    (select count(*) from truth where is_recoverable) as recoverable,
    (select count(*) from together where is_recoverable) as recovered
"""


@dataclass(frozen=True)
class Result:
    """How well one way did, and what it cost."""

    way: str
    precision: float
    recall: float
    f1: float
    pairs: int
    cpu_seconds: float
    peak_mib: int

    @property
    def passes(self) -> bool:
        """Whether it is as precise and complete as asked."""
        return self.precision >= PRECISION and self.recall >= RECALL


def compare(home: Path) -> list[Result]:
    """Run all three over a landed home, each in a process of its own."""
    return [_in_own_process(way, home) for way in WAYS]


def table(results: list[Result]) -> str:
    """The results for people."""
    lines = [
        f"{'':24} {'precision':>9} {'recall':>7} {'F1':>6} {'pairs':>13} {'CPU s':>7} {'MiB':>6}"
    ]
    lines += [
        f"{r.way:24} {r.precision:9.4f} {r.recall:7.4f} {r.f1:6.4f} {r.pairs:13,} "
        f"{r.cpu_seconds:7.1f} {r.peak_mib:6,}"
        for r in results
    ]
    return "\n".join(lines)


def check(results: list[Result]) -> None:
    """Matchbook reaches both; a world in which a rival does too is too easy."""
    ours, *rivals = results
    assert ours.passes, f"Matchbook misses precision {PRECISION} or recall {RECALL}"
    assert [r.way for r in rivals if r.passes] == [], "the world is too easy"


def matchbook(home: Path) -> Scoring:
    """The models up to the pairs, from nothing but what has landed."""
    match_home(home)
    query = "select client_id, visitor_id, crm_record_id from intermediate.int_visitor_records"
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        pairs = connection.execute(f"{query} where is_confident").fetchall()
    return lambda: score(Settings(home=home), pairs)


def latest_identity_wins(home: Path) -> Scoring:
    """A browser belongs to the identity seen last."""
    with _prepared(home) as connection:
        pairs = connection.execute(LATEST).fetchall()
    return lambda: score(Settings(home=home), pairs)


def transitive_closure(home: Path) -> Scoring:
    """A browser belongs to every record that it hangs together with.

    Its pairs are counted, not written out: who shares a browser with strangers makes millions.
    """
    connection = _prepared(home)
    connection.execute(LINKS)
    ends = connection.execute(ENDS).fetchnumpy()
    size = int(connection.execute("select count(*) from nodes").fetchall()[0][0])
    links = coo_array((np.ones(len(ends["one"]), np.int8), tuple(ends.values())), (size, size))
    _, found = connected_components(links, directed=False)
    labels = pa.table({"number": np.arange(size, dtype=np.int32), "label": found})
    connection.register("labels", labels)
    connection.execute(PEOPLE)
    return lambda: _score_of_closure(connection, Settings(home=home))


def _score_of_closure(connection: duckdb.DuckDBPyConnection, settings: Settings) -> Score:
    connection.register("truth", true_pairs(settings))
    ((pairs, right, recoverable, recovered),) = connection.execute(CLOSURE).fetchall()
    return Score(right / pairs, recovered / recoverable, pairs, right, recoverable, recovered)


Scoring = Callable[[], Score]
"""What a way found, ready to be measured."""
Way = Callable[[Path], Scoring]
WAYS: dict[str, Way] = {
    "Matchbook": matchbook,
    "latest identity wins": latest_identity_wins,
    "transitive closure": transitive_closure,
}


@click.command()
@click.option("--visitors", default=1_000_000, show_default=True)
@click.option("--seed", default=101, show_default=True)
@click.option("--home", type=click.Path(path_type=Path), help="A folder to keep the world in.")
@click.option("--way", hidden=True)
def main(visitors: int, seed: int, home: Path | None, way: str | None) -> None:
    """Make the world, unless it stands, and print the comparison."""
    if way and home:
        click.echo(json.dumps(asdict(_measured(way, home))))
        return
    with tempfile.TemporaryDirectory() as folder:
        world = home or Path(folder) / "world"
        if not world.exists():
            land_home(world, seed=seed, visitors=visitors)
        results = compare(world)
    click.echo(table(results))
    check(results)


def _in_own_process(way: str, home: Path) -> Result:
    command = [sys.executable, "-m", "tests.benchmarks.matching", "--way", way, "--home", str(home)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return Result(**json.loads(done.stdout.splitlines()[-1]))


def _measured(way: str, home: Path) -> Result:
    started = time.process_time()
    scoring = WAYS[way](home)
    seconds = time.process_time() - started
    peak = peak_mib()
    found = scoring()
    f1 = 2 * found.precision * found.recall / (found.precision + found.recall)
    return Result(way, found.precision, found.recall, f1, found.pairs, seconds, peak)


def _prepared(home: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(f"attach '{home}/warehouse.duckdb' as warehouse (read_only)")
    connection.execute(EVIDENCE)
    return connection


if __name__ == "__main__":
    main()
