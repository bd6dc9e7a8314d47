"""An audience's way to a partner: its own form, over the channel that it has."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from exporters.destinations import sha256_of
from exporters.formats import PartnerFile, render
from exporters.transports import FileDrop, Transport, opened
from exporters.transports.secrets import named
from matchbook import partner_channels
from matchbook.clock import Clock
from matchbook.delivery_rows import DeliveryFile
from matchbook.failpoints import failpoint
from matchbook.files import write_whole
from matchbook.formulas import unformulated
from matchbook.partner_channels import Channel
from matchbook.pushes import partner_files, partner_planning, targets
from matchbook.pushes.outbox import Push
from matchbook.pushes.planning import Plan
from matchbook.settings import Settings
from matchbook.warehouse import open_memory


class PartnerWay:
    """The client's channel, its profile that of the audience's files."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self.takes_removals = channel.profile.removals.how != "unable"

    def plan(self, settings: Settings, push: Push) -> Plan:
        """The partner's cookie ids of the audience's people."""
        return partner_planning.plan(settings, push.client_id, push.audience_id, push.destination)

    def leaving(self, settings: Settings, push: Push) -> pa.Table:
        """Whose match is not good any more."""
        return partner_planning.leaving(
            settings, push.client_id, push.audience_id, push.destination
        )

    def write(
        self, settings: Settings, push: Push, changes: pa.Table, folder: Path
    ) -> list[DeliveryFile]:
        """As the partner's profile has it."""
        profile = self._channel.profile
        key = named(settings, profile.recipient.key).encode() if profile.recipient else None
        nothing = pa.nulls(len(changes), pa.string())
        delta = pa.table({
            "partner_cookie_id": changes["cookie_id"], "action": changes["action"],
            "crm_record_id": pc.fill_null(nothing, ""), "last_seen_at": nothing,
        })  # fmt: skip
        connection = open_memory()
        try:
            connection.register("delta", delta)
            made = render(
                connection, profile=profile, moment=push.asked_at, folder=folder, recipient_key=key
            )
        finally:
            connection.close()
        return [_as_file(one) for one in made]

    def send(self, settings: Settings, push: Push, folder: Path, clock: Clock) -> None:
        """Each file once, whatever breaks on the way."""

        def note(now: DeliveryFile) -> None:
            partner_files.note(settings, push, now)

        with opened(settings, self._channel) as transport:
            for file in partner_files.of(settings, push):
                if file.sent_at is None:
                    partner_files.begin(settings, push, file)
                    failpoint("audience_file.begun")
                    transport.send(file, folder / file.name, note)
                    failpoint("audience_file.sent")
            _list(settings, push, transport, folder)


def _as_file(made: PartnerFile) -> DeliveryFile:
    return DeliveryFile(
        name=made.name, kind=made.kind, rows=made.rows, bytes=made.bytes, sha256=made.sha256
    )


def _list(settings: Settings, push: Push, transport: Transport, folder: Path) -> None:
    """Name all audiences there, where the partner reads such a list."""
    form = partner_channels.partner(push.destination).audience
    if form is None or not form.listing or not isinstance(transport, FileDrop):
        return
    out = io.StringIO(newline="")
    lines = csv.writer(out, lineterminator="\n")
    lines.writerow(("id", "name"))
    for target in targets.of_client(settings, push.client_id):
        is_there = target.held or target.audience_id == push.audience_id
        if target.destination == push.destination and is_there:
            lines.writerow((target.audience_id, unformulated(target.name)))
    source = folder / "listing.csv"
    write_whole(source, out.getvalue())
    size, digest = source.stat().st_size, sha256_of(source)
    transport.replace(DeliveryFile(form.listing, "matches", 0, size, digest), source)
