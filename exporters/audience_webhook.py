"""An audience's way to the client's own system: signed messages of at most a hundred record ids.

After the example of Mapp's own outbound integration: the audience is announced, then people are
added and removed in batches. A message has an id of its own, so that one whose answer was lost
counts once; what was answered is not sent again.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from exporters import webhooks
from exporters.destinations import sha256_of
from matchbook import secrets
from matchbook.clock import Clock, utc_naive
from matchbook.delivery_rows import DeliveryFile
from matchbook.failpoints import failpoint
from matchbook.files import write_whole
from matchbook.pushes import partner_files, webhook_planning
from matchbook.pushes.outbox import Push
from matchbook.pushes.planning import Plan
from matchbook.pushes.targets import Target
from matchbook.settings import Settings
from matchbook.webhook_places import FOLDER, Webhook

BATCH = 100
"""People in one message."""
FILE = "messages.ndjson"


class WebhookWay:
    """The address that the client has entered."""

    takes_removals = True

    def __init__(self, hook: Webhook, target: Target) -> None:
        self._hook = hook
        self._target = target

    def plan(self, settings: Settings, push: Push) -> Plan:
        """The client's own record ids of the audience's people."""
        return webhook_planning.plan(settings, push.client_id, push.audience_id)

    def leaving(self, settings: Settings, push: Push) -> pa.Table:
        """Whose record is gone or opted out."""
        return webhook_planning.leaving(settings, push.client_id, push.audience_id)

    def write(
        self, settings: Settings, push: Push, changes: pa.Table, folder: Path
    ) -> list[DeliveryFile]:
        """One message a line."""
        lines = "".join(f"{json.dumps(one)}\n" for one in self._messages(changes))
        path = folder / FILE
        write_whole(path, lines)
        size, digest = path.stat().st_size, sha256_of(path)
        return [DeliveryFile(FILE, "matches", len(changes), size, digest)]

    def send(self, settings: Settings, push: Push, folder: Path, clock: Clock) -> None:
        """Go on after the messages that were answered."""
        kept = "The push goes on after what was answered."
        secret = secrets.secret(settings, self._hook.secret, folder=FOLDER, kept=kept)
        (file,) = partner_files.of(settings, push)
        partner_files.begin(settings, push, file)
        failpoint("audience_file.begun")
        lines = (folder / file.name).read_text().splitlines()
        for number in range(file.requests_done, len(lines)):
            body = json.loads(lines[number])
            webhooks.post(
                self._hook.url, secret, f"push-{push.push_id}-{number + 1}", body, clock=clock
            )
            file = replace(file, requests_done=number + 1)
            partner_files.note(settings, push, file)
        partner_files.note(settings, push, replace(file, sent_at=utc_naive(clock.now())))
        failpoint("audience_file.sent")

    def _messages(self, changes: pa.Table) -> Iterator[dict[str, Any]]:
        audience = {"id": self._target.audience_id, "name": self._target.name}
        if self._target.file_name is None:
            yield {"type": "audience.created", "audience": audience}
        columns = (changes[name].to_pylist() for name in ("cookie_id", "action"))
        rows = sorted(zip(*columns, strict=True), key=lambda row: (row[1] == "add", row[0]))
        for action, own in itertools.groupby(rows, key=lambda row: str(row[1])):
            word = {"add": "audience.people_added", "remove": "audience.people_removed"}[action]
            people = [row[0] for row in own]
            for begin in range(0, len(people), BATCH):
                some = people[begin : begin + BATCH]
                yield {"type": word, "audience": audience, "crm_record_ids": some}
