"""The manifest beside a delivered file: written last, so a file with one is complete."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from exporters.destinations import Destination
from exporters.match_files import COLUMNS
from matchbook.delivery_rows import Delivery, DeliveryFile


def manifest_name(file_name: str) -> str:
    """Where the manifest of a file is."""
    return f"{file_name}.manifest.json"


def manifest_of(delivery: Delivery, files: Sequence[DeliveryFile] = ()) -> str:
    """What anybody needs to check the bytes; the same delivery is always the same text.

    `files`: the partner's own, which stand in a folder named by the build."""
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
        "suppressed": delivery.rows_suppressed,
        "not_removable": delivery.rows_not_removable,
        "bytes": delivery.bytes,
        "sha256": delivery.sha256,
        "partner_files": [_told(file) for file in files],
    }
    return json.dumps(content, indent=1) + "\n"


def partner_manifest(delivery: Delivery, files: Sequence[DeliveryFile]) -> dict[str, Any]:
    """What the partner needs to check that it has all; it arrives after the files."""
    return {
        "client_id": delivery.client_id,
        "delivery_id": delivery.build_id,
        "made_at": f"{delivery.moment.isoformat(timespec='seconds')}Z",
        "files": [_told(file) for file in files],
    }


def files_of(destination: Destination, delivery: Delivery) -> list[DeliveryFile]:
    """The partner's files as the stored manifest names them; none in one of an earlier version."""
    stored = destination.read(manifest_name(delivery.name))
    told = json.loads(stored).get("partner_files", []) if stored else []
    return [DeliveryFile(**file) for file in told]


def _told(file: DeliveryFile) -> dict[str, Any]:
    return {"name": file.name, "kind": file.kind, "rows": file.rows, "bytes": file.bytes,
            "sha256": file.sha256}  # fmt: skip


def arrived(destination: Destination, planned: Delivery) -> Delivery | None:
    """Read back: the delivery as it stands at the destination, None if it is not complete."""
    stored = destination.read(manifest_name(planned.name))
    if stored is None:
        return None
    manifest = json.loads(stored)
    beside = {f"{planned.build_id}/{file['name']}": file["sha256"]
              for file in manifest.get("partner_files", [])}  # fmt: skip
    promised = {planned.name: manifest["sha256"]} | beside
    if any(destination.sha256(name) != sha256 for name, sha256 in promised.items()):
        return None
    rows = manifest["rows"]
    return replace(
        planned,
        from_load_seq=manifest["loads"]["after"],
        file_name=planned.name,
        sha256=manifest["sha256"],
        bytes=manifest["bytes"],
        rows_added=rows["add"],
        rows_seen=rows["seen"],
        rows_removed=rows["remove"],
        rows_suppressed=manifest.get("suppressed"),
        rows_not_removable=manifest.get("not_removable"),
    )
