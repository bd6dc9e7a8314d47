"""CRM files as the companies would export them, careless rows included.

The retailer sends its web shop's customers as increments, its loyalty cards in one large
upload and whoever left as an opt-out, weekly for the cards; travel replaces its whole list each
time; news adds to its list.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from pathlib import Path

import numpy as np

from ingest.demo import story
from ingest.demo.cast import Cast
from ingest.demo.companies import NEWS, RETAILER, TRAVEL, Company
from ingest.demo.log_files import InboxFile
from ingest.demo.people import Records, email_sha256, phone_sha256, postal_sha256, record_id
from ingest.demo.randomness import Flags, generator, share_of
from matchbook.crm_files.handover import Handover, marker_path
from matchbook.identifiers import EMPTY_SHA256
from matchbook.settings import Settings

HEADER = ("crm_record_id", "cep_contact_id", "email_sha256", "phone_sha256", "postal_sha256",
          "customer_since", "orders", "segment", "newsletter")  # fmt: skip
SHOP_DAYS = (14, 1)
LIST_DAYS = (28, 7)
"""Days between the exports of the web shop and of the others, before and in the nights."""

CARDS_DAYS = 7
"""Days between the files of who gave back a loyalty card."""

FIRST_CUSTOMER = date(2014, 3, 1)
BATCH_ROWS = 20_000
TWICE_IN_FILE = 0.01
JUNK = 0.015
"""Of the rows, followed by themselves or by a row of junk."""
SEGMENTS = ("new", "regular", "loyal", "lapsed")


@dataclass(frozen=True)
class CrmFile:
    """One export."""

    company: Company
    list_id: str
    mode: str
    records: Records
    suffix: str = ".csv"


def write_crm_files(settings: Settings, cast: Cast, day: int) -> list[Path]:
    """Write what the companies export at the end of a day."""
    written = []
    moment = cast.options.clock_after(day) - timedelta(minutes=40)
    for file in _exports(cast, day):
        folder = settings.inbox / "onboard" / f"audience={file.list_id}" / file.mode
        target = folder / f"{moment:%Y%m%d_%H%M%S}{file.suffix}"
        with InboxFile(target) as out:
            said = Handover(uploaded_by=_UPLOADED_BY[file.list_id])
            marker_path(target).write_text(said.as_marker())
            rows = _rows(cast, file, day)
            while batch := list(islice(rows, BATCH_ROWS)):
                content = io.StringIO(newline="")
                csv.writer(content, lineterminator="\r\n").writerows(batch)
                out.write(content.getvalue().encode(), len(batch))
        written.append(target)
    return written


def _exports(cast: Cast, day: int) -> Iterator[CrmFile]:
    shop, travel, news = (cast.people.records[c.client_id] for c in (RETAILER, TRAVEL, NEWS))
    since = _last_export(cast, day, SHOP_DAYS)
    if since is not None:
        came = (shop.created_day > since) & (shop.created_day <= day) & (shop.left_day > day)
        left = (shop.left_day > since) & (shop.left_day <= day)
        yield from _filled(RETAILER, "00001", "opt-in", shop, came & ~shop.is_loyalty)
        yield from _filled(RETAILER, "00001", "opt-out", shop, left & ~shop.is_loyalty)
    yield from _cards(cast, day, shop)
    since = _last_export(cast, day, LIST_DAYS)
    if since is not None:
        yield from _filled(TRAVEL, "00003", "replace", travel, travel.created_day <= day)
        came = (news.created_day > since) & (news.created_day <= day)
        yield from _filled(NEWS, "00004", "opt-in", news, came, ".csv.gz")


def _cards(cast: Cast, day: int, shop: Records) -> Iterator[CrmFile]:
    """All loyalty cards at once, then every week who left, until somebody forgets it."""
    cards = shop.is_loyalty & (shop.created_day == day)
    yield from _filled(RETAILER, "00002", "opt-in", shop, cards, ".csv.gz")
    until_last = cast.options.days - 1 - story.CARDS_FORGOTTEN_DAYS - day
    if until_last >= 0 and until_last % CARDS_DAYS == 0:
        left = (shop.left_day > day - CARDS_DAYS) & (shop.left_day <= day)
        yield from _filled(RETAILER, "00002", "opt-out", shop, left & shop.is_loyalty)


def _last_export(cast: Cast, day: int, cadence: tuple[int, int]) -> int | None:
    """The day of the export before this day's, −1 for the first; None without one today.

    `cadence` is the days between exports in the backlog and in the nights.
    """
    start = cast.options.backlog_days

    def is_due(some_day: int) -> bool:
        return some_day % cadence[some_day >= start] == 0

    if not is_due(day):
        return None
    return next((earlier for earlier in range(day - 1, -1, -1) if is_due(earlier)), -1)


def _filled(
    company: Company, list_id: str, mode: str, records: Records, chosen: Flags, suffix: str = ".csv"
) -> Iterator[CrmFile]:
    if chosen.any():
        yield CrmFile(company, list_id, mode, records.take(chosen), suffix)


def _rows(cast: Cast, file: CrmFile, day: int) -> Iterator[tuple[str, ...]]:
    form = _HASH_FORMS[file.list_id]
    if file.mode == "opt-out":
        yield from _opt_out_rows(file, form)
        return
    chance = generator(cast.options.seed, day, f"crm {file.list_id}")
    yield HEADER
    lucks = chance.random(len(file.records.person))
    for row, luck in zip(_record_rows(file, form, day), lucks.tolist(), strict=True):
        yield row
        if luck < TWICE_IN_FILE:
            yield row
        elif luck < TWICE_IN_FILE + JUNK:
            yield _junk_row(file, int(luck * 1e6))


def _record_rows(file: CrmFile, form: Callable[[str], str], day: int) -> Iterator[tuple[str, ...]]:
    found = file.records
    since = (share_of("since", found.person) * 4000).astype(np.int64)
    # Someone orders again now and then, so that no two exports are alike.
    orders = (share_of("orders", found.number) ** 3 * 20).astype(np.int64) + day // 30
    columns = (found.number, found.contact, found.email, found.phone, found.postal, since, orders)
    for number, contact, email, phone, postal, days, count in zip(
        *(column.tolist() for column in columns), strict=True
    ):
        yield (
            record_id(file.company, number),
            str(contact) if contact >= 0 else "",
            form(email_sha256(email)) if email >= 0 else "",
            form(phone_sha256(phone)) if phone >= 0 else "",
            form(postal_sha256(postal)) if postal >= 0 else "",
            (FIRST_CUSTOMER + timedelta(days=days)).isoformat(),
            str(count),
            SEGMENTS[min(count // 2, 3)],
            "true" if contact >= 0 else "false",
        )


def _opt_out_rows(file: CrmFile, form: Callable[[str], str]) -> Iterator[tuple[str, ...]]:
    """Leavers by record id, and some by an address that no record has."""
    yield ("crm_record_id", "email_sha256")
    for number in file.records.number.tolist():
        yield (record_id(file.company, number), "")
        if number % 10 == 0:
            yield ("", form(email_sha256(3_000_000_000 + number)))


def _junk_row(file: CrmFile, number: int) -> tuple[str, ...]:
    """What careless exports hold: MD5, the hash of an empty cell, no record id, no hash."""
    record = f"{file.company.record_prefix}-8{number:06d}"
    md5 = hashlib.md5(str(number).encode(), usedforsecurity=False).hexdigest()
    choices = ((record, md5), (record, EMPTY_SHA256), ("", email_sha256(number)), (record, "n/a"))
    record, hashed = choices[number % len(choices)]
    return (record, "", hashed, "", "", "", "", "", "")


def _base64(sha256: str) -> str:
    return base64.b64encode(bytes.fromhex(sha256)).decode()


_HASH_FORMS: dict[str, Callable[[str], str]] = {
    "00001": str.upper,
    "00002": _base64,
    "00003": str,
    "00004": str,
}
"""How each list's export writes its hashes."""

_UPLOADED_BY = {
    "00001": "web shop",
    "00002": "loyalty desk",
    "00003": "booking system",
    "00004": "subscriber service",
}
"""Who hands each list's files in."""
