"""What a client has agreed with a partner about cookie ids and sync, in place of its file."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints


def _compiles(pattern: str) -> str:
    """In Python, for collectors, and in RE2, which looks neither ahead nor back, for landing."""
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        re.compile(pattern)
        pc.match_substring_regex(pa.array([""]), pattern)
    except (re.error, pa.ArrowInvalid):
        raise ValueError("it is no regular expression without looking ahead or back") from None
    return pattern


CookiePattern = Annotated[
    str, StringConstraints(min_length=1, max_length=300), AfterValidator(_compiles)
]
_Words = Annotated[str, StringConstraints(min_length=1, max_length=2000)]


class AgreedSync(BaseModel):
    """What differs of `Sync`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    macro: _Words | None = None
    fires: _Words | None = None
    redirect: _Words | None = None
    script: _Words | None = None


class Agreed(BaseModel):
    """What differs of the partner's file for one client."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    cookie_pattern: CookiePattern | None = None
    """Of a whole id in its one form; what looks different is refused for this client."""
    sync: AgreedSync = AgreedSync()
