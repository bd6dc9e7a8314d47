"""The inbox: which delivered files are whole, landing them in order, and where they go then.

A file is whole when its manifest or `.done` stands beside it or nobody touched it for half
a minute. What has landed leaves the inbox; what is refused goes to `refused/` with the
reason beside it and does not hold up the others.
"""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from ingest.baselines import land_baseline
from ingest.crm_uploads import land_crm_file
from ingest.landing import LoadResult, printable_name, result_of
from ingest.pixel_logs import land_pixel_log
from ingest.verify import file_sha256
from matchbook.crm_files.convention import parse_onboard_path
from matchbook.crm_files.handover import DONE, read_handover
from matchbook.errors import InputRejected
from matchbook.failpoints import failpoint
from matchbook.files import sync_folder, write_whole
from matchbook.keys import Keys
from matchbook.registry import Registry
from matchbook.settings import Settings

logger = logging.getLogger("matchbook.inbox")

SETTLED_SECONDS = 30
LATE_AFTER = timedelta(hours=2)
KEEP_LOGS_DAYS = 7
MANIFEST = ".manifest.json"
_KINDS = {"pixels": "pixels", "onboard": "crm", "baseline": "baseline"}
_UNFINISHED = (".part", ".tmp")


@dataclass(frozen=True)
class WaitingFile:
    """One file in the inbox, or the marker of one that has not come."""

    name: str
    """Path in the inbox, escaped."""
    kind: str
    """pixels | crm | baseline"""
    state: str
    """ready | settling | data_missing"""
    bytes: int
    since: datetime
    is_late: bool
    """A marker has waited for its file for more than two hours."""
    path: Path


def waiting(settings: Settings) -> list[WaitingFile]:
    """What waits, in the order in which it will land: logs by name, then other files by time."""
    now = time.time()
    found = [_waiting_file(settings, path, now) for path in _files(settings.inbox)]
    return sorted((file for file in found if file), key=_order)


def land_inbox(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    *,
    registry: Registry,
    keys: Keys,
    progress: Callable[[str], None],
) -> list[LoadResult]:
    """Land every whole file and return their accounts; refused files are set aside.

    Raises ConfigError when the disk fails: the files not yet landed stay where they are.
    """
    _forget_old_originals(settings)
    results = []
    for file in waiting(settings):
        if file.is_late:
            logger.warning("a manifest waits for its file", extra={"reason": "data_missing"})
        if file.state != "ready":
            continue
        progress(f"Landing {file.name}")
        try:
            result = _land(connection, settings, file, registry=registry, keys=keys)
        except InputRejected as error:
            _set_aside(settings, file, error)
            continue
        if result is not None:
            results.append(result)
    return results


def _land(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    file: WaitingFile,
    *,
    registry: Registry,
    keys: Keys,
) -> LoadResult | None:
    """Land one file; None when it had landed before a run was cut short."""
    landed = _landed_before(connection, file)
    if landed is not None:
        _remove(settings, file, result_of(connection, landed))
        return None
    relative = file.path.relative_to(settings.inbox)
    if file.kind == "crm":
        list_id, mode = parse_onboard_path(relative)
        said = read_handover(file.path)
        result: LoadResult = land_crm_file(
            connection, settings, file.path, list_id=list_id, mode=mode,
            registry=registry, keys=keys, inbox_name=str(relative),
            confirm_shrink=said.confirm_shrink, uploaded_by=said.uploaded_by,
        )  # fmt: skip
    elif file.kind == "baseline":
        client_id, partner_id = _baseline_of(relative)
        result = land_baseline(
            connection, settings, file.path, client_id=client_id, partner_id=partner_id,
            registry=registry, inbox_name=str(relative),
        )  # fmt: skip
    else:
        result = land_pixel_log(
            connection, settings, file.path, registry=registry, keys=keys,
            host=_host_folder(relative), inbox_name=str(relative),
        )  # fmt: skip
    _remove(settings, file, result)
    failpoint("landing.original_removed")
    return result


def _landed_before(connection: duckdb.DuckDBPyConnection, file: WaitingFile) -> int | None:
    rows = connection.execute(
        "select load_seq, sha256 from raw.loads where file_name = $name order by load_seq",
        {"name": file.name},
    ).fetchall()
    if not rows:
        return None
    sha256 = file_sha256(file.path)
    return next((int(load_seq) for load_seq, landed in rows if landed == sha256), None)


def _remove(settings: Settings, file: WaitingFile, result: LoadResult) -> None:
    """Take a landed file out of the inbox: logs are kept some days, other files are not."""
    # Markers go first: one that outlived its file would wait for ever.
    for marker in _markers(file.path):
        marker.unlink(missing_ok=True)
    if file.kind != "pixels":
        file.path.unlink()
    else:
        day = settings.clock.now().strftime("%Y%m%d")
        kept = settings.home / "originals" / day / f"{result.load_seq:012d}-{_safe(file.path)}"
        _move(file.path, kept)


def _set_aside(settings: Settings, file: WaitingFile, error: InputRejected) -> None:
    logger.warning("a file was refused", extra={"reason": error.reason})
    now = settings.clock.now()
    stem = f"{now:%Y%m%dT%H%M%SZ}-{file_sha256(file.path)[:12]}-{_safe(file.path)}"
    reason = {
        "reason": error.reason,
        "happened": error.happened,
        "kept": error.kept,
        "todo": error.todo,
        "file_name": file.name,
        "refused_at": now.isoformat(timespec="seconds"),
    }
    settings.refused.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_whole(settings.refused / f"{stem}.reason.json", json.dumps(reason, indent=1) + "\n")
    for marker in _markers(file.path):
        marker.unlink(missing_ok=True)
    if error.erase_original:
        file.path.unlink()
    else:
        _move(file.path, settings.refused / stem)


def _move(path: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        os.replace(path, target)
    except OSError:
        # The inbox may be another file system.
        part = target.with_name(target.name + ".part")
        shutil.copyfile(path, part)
        os.replace(part, target)
        path.unlink()
    sync_folder(target.parent)


def _forget_old_originals(settings: Settings) -> None:
    oldest = settings.clock.now() - timedelta(days=KEEP_LOGS_DAYS)
    for folder in (settings.home / "originals").glob("[0-9]" * 8):
        if folder.name < oldest.strftime("%Y%m%d"):
            shutil.rmtree(folder)


def _files(inbox: Path) -> Iterator[Path]:
    """Regular files below the inbox; links are not followed, whoever placed them."""
    for folder, _, names in os.walk(inbox):
        for name in names:
            path = Path(folder, name)
            if path.is_file() and not path.is_symlink():
                yield path


def _waiting_file(settings: Settings, path: Path, now: float) -> WaitingFile | None:
    kind = _KINDS.get(path.relative_to(settings.inbox).parts[0])
    name = path.name
    if kind is None or name.startswith(".") or name.endswith(_UNFINISHED):
        return None
    found = path.stat()
    age = abs(now - found.st_mtime)
    state = "ready" if age >= SETTLED_SECONDS or _is_marked(path) else "settling"
    for suffix in (MANIFEST, DONE):
        if name.endswith(suffix):
            if path.with_name(name.removesuffix(suffix)).exists():
                return None
            state = "data_missing"
    return WaitingFile(
        name=printable_name(str(path.relative_to(settings.inbox))),
        kind=kind,
        state=state,
        bytes=found.st_size,
        since=datetime.fromtimestamp(found.st_mtime, UTC),
        is_late=state == "data_missing" and age > LATE_AFTER.total_seconds(),
        path=path,
    )


def _is_marked(path: Path) -> bool:
    return bool(_markers(path))


def _markers(path: Path) -> list[Path]:
    """The markers that stand beside a file; a very long name cannot have any."""
    beside = [path.with_name(path.name + suffix) for suffix in (MANIFEST, DONE)]
    return [marker for marker in beside if os.path.exists(marker)]


def _order(file: WaitingFile) -> tuple[int, str, str]:
    # CRM files and baselines carry their time in their own name, not in their folder's.
    place = tuple(_KINDS.values()).index(file.kind)
    return (place, file.path.name if place else "", file.name)


def _baseline_of(relative: Path) -> tuple[str, str]:
    """Client and partner by the convention; empty, so unknown, for any other path."""
    named = dict(part.partition("=")[::2] for part in relative.parts[:-1])
    return named.get("client", ""), named.get("partner", "")


def _host_folder(relative: Path) -> str | None:
    hosts = [part.removeprefix("host=") for part in relative.parts if part.startswith("host=")]
    return hosts[-1].lower() if hosts else None


def _safe(path: Path) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "_", path.name)[-100:]
