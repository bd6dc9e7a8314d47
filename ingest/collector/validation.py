"""What is wrong with a call whatever the registry says; the same rules as ingest's for web logs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote

from ingest.collector.calls import Call
from ingest.collector.cookie_ids import EMAIL

_TEXT = re.compile(r"[^\x00-\x1f\x7f]{1,128}")
_URL = re.compile(r"https?://[^\x00-\x20\x7f]+", re.IGNORECASE)
_CONSENT = ("gdpr", "gdpr_consent")


def flaw(
    call: Call,
    names: Iterable[str],
    required: Iterable[str] = (),
    *,
    came_twice: bool = False,
) -> str | None:
    """The reason why a call is refused: personal_data, dup_param, bad_encoding, missing_param.

    `names` are the parameters this kind of call is read for, besides those of consent;
    `came_twice` is true when one came under two names.
    """
    query = call.query
    if ("@" in query or "%" in query) and holds_email(query):
        return "personal_data"
    if came_twice or (call.repeated and not call.repeated.isdisjoint((*names, *_CONSENT))):
        return "dup_param"
    if call.undecodable and not call.undecodable.isdisjoint((*names, *_CONSENT)):
        return "bad_encoding"
    parameters = call.parameters
    for name in required:
        if name not in parameters:
            return "missing_param"
    return None


def holds_email(query: str) -> bool:
    """Whether an address stands in a query, as it is, encoded, or encoded twice."""
    if "@" not in query and "%40" not in query and "%2540" not in query:
        return False
    return EMAIL.search(unquote(query).replace("%40", "@")) is not None


def is_text(value: str) -> bool:
    """A name: at most 128 characters, none of them a control character."""
    return _TEXT.fullmatch(value) is not None


def is_web_url(value: str) -> bool:
    """An http(s) URL without blanks or control characters."""
    return _URL.fullmatch(value) is not None


def is_contact(value: str) -> bool:
    """A CEP contact id: a positive 64-bit number in decimal."""
    return value.isascii() and value.isdigit() and len(value) <= 19 and 0 < int(value) < 2**63
