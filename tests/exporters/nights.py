"""Published nights without a warehouse: an outbox of chosen pairs, and its pointer."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from exporters.delivery import DeliveryResult, deliver_all
from matchbook import deliveries, registry, suppressions
from matchbook.files import write_whole
from matchbook.registry import Client, ClientPartner, Registry
from matchbook.settings import Settings
from matchbook.snapshots import POINTER, Publication, to_json
from tests.conftest import NOW

REGISTRY = Registry(
    clients=(Client(client_id="casa", name="Casa", partners=(ClientPartner(partner_id="piano"),)),)
)

Pair = tuple[str, str]


def as_of(load_seq: int) -> datetime:
    """One load a night; load 1 is the night of NOW."""
    return NOW + timedelta(days=load_seq - 1)


def at_night(settings: Settings, load_seq: int) -> Settings:
    """The clock of that night."""
    return replace(settings, now=as_of(load_seq))


def publish_pairs(
    settings: Settings, load_seq: int, seen: dict[Pair, int], partner_id: str = "piano"
) -> Publication:
    """Publish pairs and the load in which each one's cookie was last seen."""
    build_id = f"{as_of(load_seq):%Y%m%dT%H%M%SZ}-{load_seq}"
    folder = settings.outbox / build_id / "casa"
    folder.mkdir(parents=True, exist_ok=True)
    rows = sorted(seen.items())
    pairs = {
        "partner_cookie_id": pa.array([cookie for (cookie, _), _ in rows], pa.string()),
        "crm_record_id": pa.array([record for (_, record), _ in rows], pa.string()),
    }
    seen_at = [as_of(load).replace(tzinfo=None) for _, load in rows]
    last_seen = {
        "last_seen_at": pa.array(seen_at, pa.timestamp("us")),
        "cookie_seen_load_seq": pa.array([load for _, load in rows], pa.int64()),
    }
    gate = {
        "subject_type": pa.array(["visitor" for _ in rows], pa.string()),
        "subject_id": pa.array([f"v-{cookie}" for (cookie, _), _ in rows], pa.string()),
    }
    pq.write_table(pa.table(pairs | last_seen), folder / f"{partner_id}.parquet")
    pq.write_table(pa.table(pairs | gate), folder / f"{partner_id}.gate.parquet")
    account = pa.table({"matched_pairs": [len(rows)], "unsure_pairs": [0]})
    pq.write_table(account, folder / f"{partner_id}.account.parquet")
    publication = Publication(
        build_id=build_id,
        as_of=as_of(load_seq),
        as_of_date=(as_of(load_seq) - timedelta(days=1)).date(),
        load_seq=load_seq,
        invocation_id=build_id,
        published_at=as_of(load_seq),
        clients={},
        outbox=build_id,
    )
    write_whole(settings.published / POINTER, to_json(publication))
    return publication


def deliver(settings: Settings) -> DeliveryResult:
    """Deliver what is published to the one partner."""
    (result,) = deliver_all(settings, registry=REGISTRY)
    return result


def register(settings: Settings) -> None:
    """Publish the registry, for steps that run in a process of their own."""
    registry.replace(settings, REGISTRY, by="test")


def suppress(
    settings: Settings, subject_type: str, subjects: Iterable[str], client_id: str | None = "casa"
) -> None:
    """Opt these out for the client, or with None for every one, now."""
    for subject in subjects:
        suppressions.add(
            settings, subject_type=subject_type, subject_id=subject, client_id=client_id
        )


def folder(settings: Settings) -> Path:
    """Where the partner's files arrive."""
    return settings.delivered / "casa" / "piano"


def files(settings: Settings) -> list[Path]:
    """Complete files, those with a manifest, in the order of their builds."""
    manifests = sorted(folder(settings).glob("*.csv.manifest.json"))
    return [path.with_name(path.name.removesuffix(".manifest.json")) for path in manifests]


def rows(path: Path) -> Iterator[dict[str, str]]:
    """Read a file with a reader that is not our writer's."""
    with path.open(newline="") as handle:
        yield from csv.DictReader(handle)


def applied(settings: Settings) -> set[Pair]:
    """What a partner holds that began empty and applied every file in order."""
    held: set[Pair] = set()
    for path in files(settings):
        for row in rows(path):
            pair = (row["partner_cookie_id"], row["crm_record_id"])
            if row["action"] == "add":
                assert pair not in held
                held.add(pair)
            elif row["action"] == "remove":
                held.remove(pair)
            else:
                assert pair in held
    return held


def held(settings: Settings) -> set[Pair]:
    """What the ledger says that the partner holds."""
    return set(told(settings))


def told(settings: Settings) -> dict[Pair, tuple[datetime, datetime]]:
    """The same, with the moments of the first and the last file that had the pair."""
    holding = deliveries.holding(settings, "casa", "piano")
    if holding is None:
        return {}
    table = pq.read_table(holding.path).to_pylist()
    assert len(table) == holding.pairs
    return {
        (row["partner_cookie_id"], row["crm_record_id"]): (
            row["first_delivered_at"],
            row["last_delivered_at"],
        )
        for row in table
    }
