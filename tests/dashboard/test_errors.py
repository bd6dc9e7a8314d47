"""An error reaches a person in words: no traceback, no SQL, no path."""

from __future__ import annotations

import pytest

from matchbook.settings import Settings
from tests.dashboard.pages import (
    ALL_PAGES,
    AUDIENCES,
    CRM_UPLOADS,
    INTEGRATIONS,
    LOOKALIKES,
    NIGHTLY_FILES,
    PRIVACY,
    PUSHES,
    open_page,
    words,
)
from tests.sizes import a_few_now


@pytest.mark.parametrize("page", a_few_now(ALL_PAGES, *ALL_PAGES[:3]))
def test_a_matchbook_error_becomes_a_notice(published: Settings, page: str) -> None:
    (published.keys / "links.key").unlink(missing_ok=True)
    published.keys.mkdir(parents=True, exist_ok=True, mode=0o700)
    (published.keys / "links.key").write_text("not a key")
    (published.keys / "links.key").chmod(0o600)
    said = words(open_page(page))
    assert str(published.home) not in said
    assert "Traceback" not in said
    assert (
        page
        in ("", AUDIENCES, LOOKALIKES, CRM_UPLOADS, INTEGRATIONS, NIGHTLY_FILES, PRIVACY, PUSHES)
        or "The key file links.key does not hold 64 hexadecimal digits" in said
    )
