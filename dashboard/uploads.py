"""Files that a browser sends in parts: hashed CRM files on their way to the client's inbox, and
lists of CRM record ids that audiences ask for.

Every part is a CSV file of its own, header included, and is checked before it is kept: a part
with readable personal data ends the upload, and nothing of it stays on disk.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import time
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

from dashboard import identity, tickets
from dashboard.upload_shrink import Shrink, shrink
from matchbook import audit, registry
from matchbook.access import Action
from matchbook.crm_files import MODES, verify
from matchbook.crm_files.handover import Handover, marker_path
from matchbook.errors import InputRejected
from matchbook.files import sync_folder, write_whole
from matchbook.kept_audiences import lists as audience_lists
from matchbook.kept_audiences import wishes
from matchbook.settings import Settings

PURPOSE = "crm_upload"
MAX_PART_BYTES = 8 << 20
MAX_FILE_BYTES = 4 << 30
"""Some ten million rows; more comes through a storage folder."""

AUDIENCE_LIST = "audience_list"
"""The mode of a list of CRM record ids: it becomes the whole list, whatever it held before."""

ANSWER, WHOLE = "answer.json", "whole.csv"


class ShrinkUnconfirmed(Exception):
    """A replacement would withdraw much of its list, and nobody has said that it is meant."""

    def __init__(self, found: Shrink, client_name: str) -> None:
        self.found = found
        self.client_name = client_name
        super().__init__("shrink")


class TooLarge(Exception):
    """More bytes than a part or a file may have."""


@dataclass(frozen=True)
class Upload:
    """One file on its way: whose, for which list, and what it means."""

    client_id: str
    list_id: str
    mode: str
    upload_id: str
    list_name: str = ""
    """Of a list for audiences; the others are named in the registry."""

    @property
    def read_as(self) -> str:
        """The mode its rows are checked in."""
        return "opt-in" if self.mode == AUDIENCE_LIST else self.mode

    @property
    def action(self) -> Action:
        """What one must be allowed to do for it."""
        return Action.BUILD_AUDIENCE if self.mode == AUDIENCE_LIST else Action.UPLOAD

    def folder(self, settings: Settings) -> Path:
        """Where its parts wait for the others."""
        return settings.home / "uploads" / self.client_id / self.upload_id


@dataclass(frozen=True)
class Received:
    """The account of a file that went into the inbox."""

    lines: int
    accepted: int
    rejected: dict[str, int]
    cells: dict[str, int]
    """Cells left out of accepted rows, by reason."""
    file_name: str


def permit(settings: Settings, client_id: str, list_id: str, mode: str) -> str:
    """A ticket for one upload to one list of this client. Raises InputRejected."""
    identity.require(settings, client_id, Action.UPLOAD)
    lists = {entry.list_id: entry.client_id for entry in registry.current(settings).lists}
    if lists.get(list_id) != client_id or mode not in MODES:
        raise _refused("unknown_list", "This list is not one of the client's.")
    return renew(settings, Upload(client_id, list_id, mode, secrets.token_hex(16)))


def permit_audience_list(settings: Settings, client_id: str, list_id: str, name: str) -> str:
    """A ticket to become the whole of a list that audiences ask for. Raises AudienceInvalid."""
    identity.require(settings, client_id, Action.BUILD_AUDIENCE)
    audience_lists.check(list_id, name)
    return renew(settings, Upload(client_id, list_id, AUDIENCE_LIST, secrets.token_hex(16), name))


def renew(settings: Settings, upload: Upload) -> str:
    """Ten more minutes for an upload that is going on."""
    return tickets.issue(settings, PURPOSE, **asdict(upload))


def admitted(settings: Settings, ticket: str) -> Upload:
    """The upload a ticket is for. Raises TicketRefused, or PermissionDenied after a change."""
    claims = tickets.read(settings, PURPOSE, ticket)
    upload = Upload(**{name: claims[name] for name in Upload.__dataclass_fields__})
    identity.require(settings, upload.client_id, upload.action, about="an upload")
    return upload


def open_part(settings: Settings, upload: Upload, number: int) -> Path:
    """Where the bytes of a part go before they are checked."""
    _sweep(settings)
    folder = upload.folder(settings)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder / f"{number:06d}.arriving"


def keep_part(settings: Settings, upload: Upload, arrived: Path) -> None:
    """Check a part that has arrived and keep it; the same part again replaces the first.

    Raises InputRejected when it cannot be taken: the whole upload is forgotten then. Raises
    TooLarge when the file has become too large.
    """
    try:
        if sum(part.stat().st_size for part in arrived.parent.iterdir()) > MAX_FILE_BYTES:
            raise TooLarge
        verify(arrived, mode=upload.read_as)
    except (InputRejected, TooLarge):
        forget(settings, upload)
        raise
    os.replace(arrived, arrived.with_suffix(".csv"))


def finish(settings: Settings, upload: Upload, parts: int, confirmed_for: str = "") -> Received:
    """Put the parts together, check the whole and hand it to the inbox.

    Asked twice, the second answer is the first one again. Raises InputRejected, and
    ShrinkUnconfirmed unless `confirmed_for` is the client's name: the file waits then.
    """
    folder = upload.folder(settings)
    if (folder / ANSWER).is_file():
        return Received(**json.loads((folder / ANSWER).read_text()))
    try:
        whole = _assemble(folder, parts)
        account = verify(whole, mode=upload.read_as)
        file_name = _hand_over(settings, upload, whole, confirmed_for)
    except InputRejected:
        forget(settings, upload)
        raise
    received = Received(
        account.lines, account.accepted, dict(account.rejected), dict(account.cell_rejects),
        file_name,
    )  # fmt: skip
    write_whole(folder / ANSWER, json.dumps(asdict(received)))
    audit.record(
        settings, actor=identity.who(), client_id=upload.client_id, action="upload",
        subjects=received.accepted, about=f"{upload.mode} {upload.list_id}",
    )  # fmt: skip
    whole.unlink(missing_ok=True)
    return received


def forget(settings: Settings, upload: Upload) -> None:
    """Remove whatever has arrived of an upload."""
    shutil.rmtree(upload.folder(settings), ignore_errors=True)


def _hand_over(settings: Settings, upload: Upload, whole: Path, confirmed_for: str) -> str:
    """Where the file goes; its name there."""
    if upload.mode != AUDIENCE_LIST:
        is_confirmed = _confirm(settings, upload, whole, confirmed_for)
        return _deliver(settings, upload, whole, is_confirmed).name
    client_id, list_id = upload.client_id, upload.list_id
    made = audience_lists.replace(
        settings, client_id, list_id, whole, name=upload.list_name, by=identity.who()
    )
    wishes.refresh_users_of(settings, client_id, list_id)
    return made.list_id


def _confirm(settings: Settings, upload: Upload, whole: Path, confirmed_for: str) -> bool:
    """Whether a large withdrawal was confirmed; False where there is none to confirm."""
    if upload.mode != "replace":
        return False
    found = shrink(settings, upload.client_id, upload.list_id, whole)
    if not found.is_large:
        return False
    clients = registry.current(settings).clients
    name = next(client.name for client in clients if client.client_id == upload.client_id)
    if confirmed_for.strip() != name.strip():
        raise ShrinkUnconfirmed(found, name.strip())
    return True


def _assemble(folder: Path, parts: int) -> Path:
    """One file with one header; the parts are gone when it is whole."""
    whole = folder / WHOLE
    if whole.is_file():
        return whole
    assembled, header = whole.with_suffix(".assembling"), b""
    with assembled.open("wb") as out:
        for number in range(parts):
            part = folder / f"{number:06d}.csv"
            if not part.is_file():
                raise _refused("incomplete", f"Part {number + 1} of {parts} has not arrived.")
            with part.open("rb") as content:
                first = content.readline()
                if number == 0:
                    header = first
                    out.write(first)
                elif first != header:
                    raise _refused("header", "The parts of the file have different columns.")
                shutil.copyfileobj(content, out, 1 << 20)
        out.flush()
        os.fsync(out.fileno())
    os.replace(assembled, whole)
    for number in range(parts):
        (folder / f"{number:06d}.csv").unlink(missing_ok=True)
    return whole


def _deliver(settings: Settings, upload: Upload, whole: Path, is_confirmed: bool) -> Path:
    """Into the inbox by the convention, marked as complete."""
    folder = settings.inbox / "onboard" / f"audience={upload.list_id}" / upload.mode
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    moment = settings.clock.now()
    while (target := folder / f"{moment:%Y%m%d_%H%M%S}.csv").exists():
        moment += timedelta(seconds=1)
    arriving = target.with_name(target.name + ".part")
    shutil.move(whole, arriving)
    os.replace(arriving, target)
    said = Handover(uploaded_by=identity.who(), confirm_shrink=is_confirmed)
    write_whole(marker_path(target), said.as_marker())
    sync_folder(folder)
    return target


def _sweep(settings: Settings) -> None:
    """Remove uploads that no valid ticket can go on with."""
    oldest = time.time() - 2 * tickets.LIFETIME.total_seconds()
    for folder in (settings.home / "uploads").glob("*/*"):
        if folder.stat().st_mtime < oldest:
            shutil.rmtree(folder, ignore_errors=True)


def _refused(reason: str, happened: str) -> InputRejected:
    return InputRejected(
        reason, happened, kept="Nothing of it was stored.", todo="Start the upload again."
    )
