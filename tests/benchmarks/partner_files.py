"""All partners' files of one night, beside DuckDB's COPY of the same rows and gzip or zip.

    python -m tests.benchmarks.partner_files 5000000

Each side of each partner runs in a process of its own, so that its memory is its own.
"""

from __future__ import annotations

import multiprocessing
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from exporters.formats import render
from exporters.formats.sources import constant_of
from exporters.match_files import workbench
from matchbook.partners import Partner, load_partners
from matchbook.partners.profile import DeliveryProfile
from matchbook.settings import Settings
from matchbook.sql import name, text
from tests.memory import peak_mib

MOMENT = datetime(2026, 11, 22, 3, 10, tzinfo=UTC)
ROWS_IN_ORDER = "from delta order by partner_cookie_id, crm_record_id"


@dataclass(frozen=True)
class Cost:
    """Seconds by the clock and of the processors, helpers included; MiB at most; bytes written."""

    clock: float
    own: float
    peak: int
    written: int


@dataclass(frozen=True)
class Comparison:
    partner_id: str
    ours: Cost
    bare: Cost


def compare(pairs: int, folder: Path) -> list[Comparison]:
    """What every partner's files cost, and what COPY and the commands do, one after the other."""
    print(f"\n{'seconds (CPU)':15}{'ours':>14}{'COPY, packed':>14}{'ratio':>7}{'MiB':>6}{'MB':>10}")
    return [
        told(
            Comparison(
                partner.partner_id,
                alone(_render, partner, pairs, folder),
                alone(_copy_and_pack, partner, pairs, folder),
            )
        )
        for partner in load_partners()
    ]


def alike(pairs: int, folder: Path) -> list[Comparison]:
    """The same in this process, for sizes at which its start would be most of it."""
    found = []
    for partner in load_partners():
        costs = []
        for work in (_render, _copy_and_pack):
            scratch = folder / f"{partner.partner_id}{len(costs)}"
            scratch.mkdir()
            costs.append(_measured(work, partner.partner_id, pairs, scratch))
        found.append(told(Comparison(partner.partner_id, *costs)))
    return found


def told(one: Comparison) -> Comparison:
    """Print a partner's line."""
    ours, bare = one.ours, one.bare
    print(
        f"{one.partner_id:15}{ours.clock:6.1f} ({ours.own:5.1f}){bare.clock:6.1f} "
        f"({bare.own:5.1f}){bare.own / ours.own:7.2f}{ours.peak:6}"
        f"{ours.written / 1e6:5.0f}{bare.written / 1e6:5.0f}",
        flush=True,
    )
    return one


def ratio(found: list[Comparison]) -> float:
    """COPY and commands ÷ ours over all partners, in processors' seconds."""
    clock = sum(one.bare.clock for one in found) / sum(one.ours.clock for one in found)
    own = sum(one.bare.own for one in found) / sum(one.ours.own for one in found)
    print(f"all: ratio {clock:.2f} by the clock, {own:.2f} by the processors")
    return own


def alone(
    work: Callable[[Partner, duckdb.DuckDBPyConnection, Path], None],
    partner: Partner,
    pairs: int,
    folder: Path,
) -> Cost:
    """Do it in a fresh process, on a delta that is there already."""
    with TemporaryDirectory(dir=folder) as scratch:
        context = multiprocessing.get_context("spawn")
        with context.Pool(1) as pool:
            return pool.apply(_measured, (work, partner.partner_id, pairs, Path(scratch)))


def _measured(
    work: Callable[[Partner, duckdb.DuckDBPyConnection, Path], None],
    partner_id: str,
    pairs: int,
    folder: Path,
) -> Cost:
    partner = next(p for p in load_partners() if p.partner_id == partner_id)
    out = folder / "out"
    out.mkdir()
    with workbench(Settings(home=folder)) as connection:
        _make_delta(connection, pairs)
        clock, own = time.perf_counter(), _own_seconds()
        work(partner, connection, out)
        clock, own = time.perf_counter() - clock, _own_seconds() - own
    written = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    return Cost(clock, own, peak_mib(), written)


def _own_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def _make_delta(connection: duckdb.DuckDBPyConnection, pairs: int) -> None:
    connection.execute(
        "create temp table delta as select md5(i::varchar) as partner_cookie_id, "
        "'r' || (i % 1500000) as crm_record_id, if(i % 4 = 0, 'add', 'seen') as action, "
        "strftime(timestamp '2026-11-21' + to_seconds(i % 86400), '%Y-%m-%dT%H:%M:%SZ') "
        f"as last_seen_at from range({pairs}) as t(i)"
    ).fetchall()


def _render(partner: Partner, connection: duckdb.DuckDBPyConnection, out: Path) -> None:
    render(connection, profile=partner.delivery.with_examples(), moment=MOMENT, folder=out)


def _copy_and_pack(partner: Partner, connection: duckdb.DuckDBPyConnection, out: Path) -> None:
    profile, target = partner.delivery.with_examples(), out / "rows"
    connection.execute(f"copy ({_rows(profile)}) to {text(target)} ({_form(profile)})").fetchall()
    if profile.compression == "gzip":
        subprocess.run(["gzip", target], check=True)
    elif profile.compression == "zip":
        packer = shutil.which("zip") or "zip"
        subprocess.run([packer, "-q", "-j", f"{target}.zip", target], check=True)
        target.unlink()


def _rows(profile: DeliveryProfile) -> str:
    """The same rows, as one would ask DuckDB for them."""
    if profile.format == "ndjson":
        return f"""select [
            json_object('type', 'USER_AGENT', 'user_agent_id', partner_cookie_id),
            json_object('type', 'USER_ACCOUNT', 'compartment_id', '1000',
                'user_account_id', crm_record_id)] as identifiers {ROWS_IN_ORDER}"""
    if profile.format == "json_batches":
        return f"""select 'POST' as method, '/v1/site-1234/profiles/1/mappings?partnerId='
            || url_encode(partner_cookie_id) || '&forceInsert=false&mergeType=false' as path,
            [{{'partnerId': crm_record_id, 'partnerType': 2001}}] as body {ROWS_IN_ORDER}"""
    cells = [
        f"{_cell(source, profile)} as {name(column)}" for column, source in profile.columns.items()
    ]
    return f"select {', '.join(cells)} {ROWS_IN_ORDER}"


def _cell(source: str, profile: DeliveryProfile) -> str:
    constant = constant_of(source, profile, f"{MOMENT:%Y-%m-%dT%H:%M:%SZ}")
    return source if constant is None else text(constant)


def _form(profile: DeliveryProfile) -> str:
    if profile.format == "parquet":
        return "format parquet, compression uncompressed"
    if profile.format == "csv":
        return f"format csv, header, delimiter {text(profile.delimiter or '')}"
    return "format json"


if __name__ == "__main__":
    with TemporaryDirectory() as scratch:
        ratio(compare(int(sys.argv[1]), Path(scratch)))
