"""The URL at which a partner is asked for its cookie id, and what stands in it for our own."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

RETURN_URL = "{return_url}"
"""Where our return URL goes, percent-encoded."""
USER_ID = "[[USERID]]"
"""In our return URL: what the partner replaces by its id, as for Mapp's DMP (mapp-wiki 426091)."""

_LONGEST = 1024
_URL = re.compile(
    r"https://[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?(?::[0-9]{1,5})?"
    r"(?:/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?"
    r"\?[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*"
)


def checked(url: str) -> str:
    """The URL if it leads to the partner and back. Raises ValueError."""
    before, _, after = url.partition(RETURN_URL)
    is_once = url.count(RETURN_URL) == 1 and "?" in before
    if not is_once or len(url) > _LONGEST or not _URL.fullmatch(before + after):
        raise ValueError(
            f"user_sync_url is not an absolute https URL with {RETURN_URL} once in its query"
        )
    return url


UserSyncUrl = Annotated[str, AfterValidator(checked)]
