"""What a storage location says of itself: where it is, and by which name its secret is known.

A secret never stands in a location. `env:MATCHBOOK_STORAGE_…` names a variable, `file:…` a
0600 file in `keys/storage/`.
"""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, StringConstraints

VARIABLES = "MATCHBOOK_STORAGE_"
"""Other variables cannot be named: a location could carry them to a server of its own."""

_FOLDERS = r"(?:/[A-Za-z0-9_=+@.-]+)*"
_HOST = r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?"
_PORT = r"(?::[0-9]{1,5})?"
_URLS = {
    "file": re.compile(rf"file://{_FOLDERS}"),
    "s3": re.compile(rf"s3://[a-z0-9][a-z0-9.-]{{1,61}}[a-z0-9]{_FOLDERS}"),
    "sftp": re.compile(rf"sftp://[A-Za-z0-9_][A-Za-z0-9_.-]{{0,63}}@{_HOST}{_PORT}{_FOLDERS}"),
}
_PARTNER_URLS = {
    **_URLS,
    "ftps": re.compile(rf"ftps://[A-Za-z0-9_][A-Za-z0-9_.-]{{0,63}}@{_HOST}{_PORT}{_FOLDERS}"),
    "https": re.compile(rf"https://{_HOST}{_PORT}{_FOLDERS}"),
    "http": re.compile(rf"http://(?:127\.0\.0\.1|localhost){_PORT}{_FOLDERS}"),
}
"""Where partners take files; without TLS only on this machine."""
_ENDPOINT = re.compile(rf"https://{_HOST}{_PORT}|http://(?:127\.0\.0\.1|localhost){_PORT}")


def checked_url(text: str) -> str:
    """A location's URL without a slash at its end. Raises ValueError; the text is not repeated."""
    return _checked(text, _URLS, "file:///folder, s3://bucket/folder or sftp://user@host/folder")


def checked_address(text: str) -> str:
    """A partner's address without a slash at its end. Raises ValueError; it is not repeated."""
    known = "file:///folder, sftp://user@host/folder, ftps://user@host/folder, s3://bucket/folder"
    return _checked(text, _PARTNER_URLS, f"{known} or https://host/path")


def _checked(text: str, forms: dict[str, re.Pattern[str]], known: str) -> str:
    url = text.rstrip("/")
    form = forms.get(url.partition("://")[0])
    if form is None or len(url) > 500 or not form.fullmatch(url) or _has_dots(url):
        raise ValueError(f"the URL is not {known} (no password in it)")
    if urlsplit(url).scheme == "file" and not urlsplit(url).path:
        raise ValueError("the URL names the root of the disk; name a folder")
    return url


def checked_endpoint(text: str) -> str:
    """Where an S3 API is that is not Amazon's. Raises ValueError."""
    if not _ENDPOINT.fullmatch(text.rstrip("/")):
        raise ValueError("the endpoint is not https://host or https://host:port")
    return text.rstrip("/")


def _has_dots(url: str) -> bool:
    return any(part in (".", "..") for part in url.split("/"))


PartnerAddress = Annotated[str, AfterValidator(checked_address)]
PARTNER_VARIABLES = "MATCHBOOK_PARTNER_"
PartnerCredentials = Annotated[
    str,
    StringConstraints(
        pattern=rf"^(env:{PARTNER_VARIABLES}[A-Z0-9_]{{1,64}}|file:[A-Za-z0-9][A-Za-z0-9_.-]{{0,63}})$"
    ),
]
StorageUrl = Annotated[str, AfterValidator(checked_url)]
Endpoint = Annotated[str, AfterValidator(checked_endpoint)]
Credentials = Annotated[
    str,
    StringConstraints(
        pattern=rf"^(env:{VARIABLES}[A-Z0-9_]{{1,64}}|file:[A-Za-z0-9][A-Za-z0-9_.-]{{0,63}})$"
    ),
]
