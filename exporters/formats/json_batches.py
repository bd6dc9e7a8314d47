"""Pairs as HTTP requests with JSON bodies: one line of the file is one request to make."""

from __future__ import annotations

import gzip
import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

from exporters.formats.ndjson import object_of
from matchbook.partners.names import placeholders_of
from matchbook.partners.profile import DeliveryProfile, Http
from matchbook.sql import text

_IDS = ("partner_cookie_id", "crm_record_id")


def requests(path: Path) -> Iterator[dict[str, Any]]:
    """The requests of a file that was rendered: method, path and body, in order."""
    with _opened(path) as lines:
        for line in lines:
            yield json.loads(line)


def query_of(profile: DeliveryProfile, moment: str) -> str:
    """SQL for the requests of `partner_rows`, one a line, and how many pairs each stands for."""
    http = profile.http
    assert http is not None
    item = f"concat({object_of(profile.line, profile, moment)})"
    if http.items_per_request == 1:
        return f"select {_request(http, profile, item)} as line, 1 as pairs from partner_rows"
    return f"""
        with items as (
            select {_method(http)} as method, {item} as item, partner_cookie_id, crm_record_id,
                row_number() over (
                    partition by {_method(http)} order by partner_cookie_id, crm_record_id
                ) as number
            from partner_rows
        ),
        batches as (
            select method, (number - 1) // {http.items_per_request} as batch,
                string_agg(item, ',' order by number) as item, count(*) as pairs
            from items group by all
        )
        select {_request(http, profile, "item", method="method")} as line, pairs
        from batches order by method, batch
    """


def _request(http: Http, profile: DeliveryProfile, item: str, method: str = "") -> str:
    path = _path(http.path, profile)
    called = method or _method(http)
    return (
        f'concat(\'{{"method":"\', {called}, \'","path":"\', {path}, \'","body":[\', {item}, '
        f"']}}', {text(chr(10))})"
    )


def _method(http: Http) -> str:
    if not http.removal_method:
        return text(http.method)
    removal, other = text(http.removal_method), text(http.method)
    return f"case action when 'remove' then {removal} else {other} end"


def _path(template: str, profile: DeliveryProfile) -> str:
    """SQL for a path: ids and parameters are percent-encoded, so none can change it."""
    pieces = re.split(r"(\{[^{}]*\})", template)
    return ", ".join(_piece(piece, profile) for piece in pieces if piece)


def _piece(piece: str, profile: DeliveryProfile) -> str:
    names = placeholders_of(piece)
    if not names:
        return text(piece)
    if names[0] in _IDS:
        return f"url_encode({names[0]})"
    return text(quote(profile.value(names[0]), safe=""))


def _opened(path: Path) -> IO[bytes]:
    if path.suffix == ".gz":
        return io.BufferedReader(gzip.GzipFile(path, "rb"))
    if path.suffix == ".zip":
        archive = zipfile.ZipFile(path)
        return archive.open(archive.namelist()[0])
    return path.open("rb")
