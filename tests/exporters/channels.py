"""One client × partner over a channel of its own, and what stands at the partner."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from exporters.delivery import DeliveryResult, deliver_all
from matchbook import deliveries, partner_channels, registry
from matchbook.delivery_rows import Delivery
from matchbook.partner_channels import Channel
from matchbook.registry import Client, ClientPartner, Registry
from matchbook.settings import Settings
from tests.exporters.nights import Pair, as_of, publish_pairs


def secret(settings: Settings, name: str, content: str) -> str:
    """Put a secret into its file; what names it."""
    path = settings.keys / "partners" / name
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    path.write_text(content)
    return f"file:{name}"


def open_channel(
    settings: Settings, partner_id: str, address: str, *, active: bool = True, **fields: Any
) -> Channel:
    """Register the partner for the client `casa` and enter its channel with example settings."""
    client = Client(client_id="casa", name="Casa", partners=(ClientPartner(partner_id=partner_id),))
    registry.replace(settings, Registry(clients=(client,)), by="test")
    parameters = partner_channels.partner(partner_id).delivery.parameters
    values = {name: spec.example for name, spec in parameters.items()}
    overrides = (
        {"values": values} | fields.pop("overrides", {}) if values else fields.pop("overrides", {})
    )
    given = {"address": address, "overrides": overrides, **fields}
    made = partner_channels.add(settings, "casa", partner_id, given, by="test")
    return partner_channels.activate(settings, "casa", partner_id, by="test") if active else made


def night(
    settings: Settings, load_seq: int, seen: dict[Pair, int], partner_id: str
) -> DeliveryResult | None:
    """Publish and deliver one night at its time."""
    publish_pairs(settings, load_seq, seen, partner_id)
    return deliver_at(settings, as_of(load_seq) + timedelta(minutes=30))


def deliver_at(
    settings: Settings, moment: datetime, *, retry: bool = False
) -> DeliveryResult | None:
    """What is published, to the one partner, at a moment."""
    at = replace(settings, now=moment)
    results = deliver_all(at, registry=registry.current(at), retry=retry)
    return results[0] if results else None


def ledger(settings: Settings) -> list[Delivery]:
    return deliveries.of_client(settings, "casa")


def stored(settings: Settings, delivery: Delivery) -> dict[str, bytes]:
    """The partner's files as they are stored here, by the names they have there."""
    folder = settings.delivered / delivery.client_id / delivery.partner_id / delivery.build_id
    return {file.name: (folder / file.name).read_bytes()
            for file in deliveries.files(settings, delivery)}  # fmt: skip


def there(folder: Path) -> dict[str, bytes]:
    """Every file in a folder of the partner, read by nobody's code but this."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def is_final(name: str) -> bool:
    return not name.endswith(".part")


def data_files(folder: Path) -> list[str]:
    return [name for name in there(folder) if "_manifest_" not in name]


def taken(folder: Path) -> set[Pair]:
    """What a partner holds that began empty and applied its files in the order of their names;
    it complains of what it was told twice."""
    held: set[Pair] = set()
    for name in data_files(folder):
        for row in csv.DictReader(io.StringIO(there(folder)[name].decode(), newline="")):
            pair = (row["cx_id"], row["external_id"])
            assert (row["action"] == "add") == (pair not in held), "lost or doubled"
            held.discard(pair) if row["action"] == "remove" else held.add(pair)
    return held
