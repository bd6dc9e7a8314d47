"""Renders the public msweb data (who visited which area of a site) as pixel and sync log lines.

The data has no times: visits are spread over one week in a fixed way. A visitor's first
visit brings a cookie sync at one of two partners, so that the whole night has work.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from matchbook import visitor_cookie
from matchbook.keys import Keys
from matchbook.registry import Client, ClientPartner, Declaration, Registry, Site

WEEK = datetime(1998, 2, 2, tzinfo=UTC)
NOW = WEEK + timedelta(days=7, hours=3)
"""A night that lands the week, to be run under `--now`."""

REGISTRY = Registry(
    clients=(
        Client(
            client_id="msweb",
            name="Microsoft 1998",
            partners=(ClientPartner(partner_id="snowplow"), ClientPartner(partner_id="tealium")),
        ),
    ),
    sites=(
        Site(
            site_id="msweb",
            client_id="msweb",
            name="www.microsoft.com",
            consent_declaration=Declaration(
                declared_at=WEEK, declared_by="the tests", wording="public, anonymous data"
            ),
        ),
    ),
)


def log_lines(data: Path, keys: Keys) -> Iterator[str]:
    """Combined log lines, in the order of the data set."""
    for number, (user, area) in enumerate(visits(data)):
        first, user = user < 0, abs(user)
        cookie = visitor_cookie.sign(keys.cookie, f"{user:032x}")
        moment = WEEK + timedelta(seconds=number * 7919 % (7 * 86_400))
        if first:
            yield _line(_sync(user), cookie, moment)
        yield _line(
            f"/bakery/page?site=msweb&u=http%3A%2F%2Fwww.microsoft.com%2F{area}", cookie, moment
        )


def identify_line(user: int, keys: Keys, email_sha256: str) -> str:
    """A log-in of this user on the week's third day."""
    cookie = visitor_cookie.sign(keys.cookie, f"{user:032x}")
    url = f"/bakery/identify?site=msweb&email={email_sha256}"
    return _line(url, cookie, WEEK + timedelta(days=2, seconds=user))


def visits(data: Path) -> Iterator[tuple[int, str]]:
    """(user, area); the user is negative at the first visit."""
    areas: dict[str, str] = {}
    user, is_first = 0, False
    with (data / "w04_msweb" / "anonymous-msweb.data").open(encoding="ascii", newline="") as file:
        for row in csv.reader(file):
            if row[0] == "A":
                areas[row[1]] = row[4].strip().lstrip("/")
            elif row[0] == "C":
                user, is_first = int(row[2]), True
            elif row[0] == "V":
                yield (-user if is_first else user), areas[row[1]]
                is_first = False


def _sync(user: int) -> str:
    if user % 2:
        uuid = f"{user:08x}-0000-4000-8000-{user:012x}"
        return (
            f"/bakery/sync/dmpsyncendpoint?site=msweb&partner=snowplow&cookieid={uuid}&read=false"
        )
    tealium = f"{user:045x}"
    return f"/bakery/sync/dmpsyncendpoint?site=msweb&partner=tealium&cookieid={tealium}&read=false"


def _line(url: str, cookie: str, moment: datetime) -> str:
    at = moment.strftime("%d/%b/%Y:%H:%M:%S +0000")
    return f'198.51.100.7 - - [{at}] "GET {url} HTTP/1.0" 200 43 "-" "Mozilla/4.0 (compatible; MSIE 4.01; Windows 95)" "{cookie}"'  # noqa: E501
