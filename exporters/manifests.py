"""The manifest beside a delivered file: written last, so a file with one is complete."""

from __future__ import annotations

import json
from dataclasses import replace

from exporters.destinations import Destination
from exporters.match_files import COLUMNS
from matchbook.deliveries import Delivery


def manifest_name(file_name: str) -> str:
    """Where the manifest of a file is."""
    return f"{file_name}.manifest.json"


def manifest_of(delivery: Delivery) -> str:
    """What the receiver needs to check the file; the same delivery is always the same text."""
    content = {
        "file": delivery.name,
        "client_id": delivery.client_id,
        "partner_id": delivery.partner_id,
        "build_id": delivery.build_id,
        "as_of": f"{delivery.as_of.isoformat(timespec='seconds')}Z",
        "loads": {"after": delivery.from_load_seq, "up_to": delivery.load_seq},
        "columns": list(COLUMNS),
        "rows": {
            "add": delivery.rows_added,
            "seen": delivery.rows_seen,
            "remove": delivery.rows_removed,
        },
        "bytes": delivery.bytes,
        "sha256": delivery.sha256,
    }
    return json.dumps(content, indent=1) + "\n"


def arrived(destination: Destination, planned: Delivery) -> Delivery | None:
    """Read back: the delivery as it stands at the destination, None if it is not complete."""
    stored = destination.read(manifest_name(planned.name))
    if stored is None:
        return None
    manifest = json.loads(stored)
    if destination.sha256(planned.name) != manifest["sha256"]:
        return None
    return replace(
        planned,
        from_load_seq=manifest["loads"]["after"],
        file_name=planned.name,
        sha256=manifest["sha256"],
        bytes=manifest["bytes"],
        rows_added=manifest["rows"]["add"],
        rows_seen=manifest["rows"]["seen"],
        rows_removed=manifest["rows"]["remove"],
    )
