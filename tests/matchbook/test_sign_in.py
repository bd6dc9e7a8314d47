"""The settings of sign-in: all of them or none, over TLS, the secret by reference."""

from __future__ import annotations

from datetime import timedelta

import pytest

from matchbook.errors import ConfigError
from matchbook.settings import Settings
from matchbook.sign_in import is_loopback

GOOD = {
    "MATCHBOOK_URL": "https://matchbook.example/",
    "MATCHBOOK_SIGN_IN_PROVIDER": "https://login.example/.well-known/openid-configuration",
    "MATCHBOOK_SIGN_IN_CLIENT_ID": "mb",
    "MATCHBOOK_SIGN_IN_SECRET": "env:OIDC",
}


def test_without_a_provider_nobody_signs_in() -> None:
    assert Settings.from_environment({}).sign_in is None
    assert Settings.from_environment({"MATCHBOOK_URL": "https://m.example"}).sign_in is None


def test_all_of_it() -> None:
    found = Settings.from_environment({**GOOD, "MATCHBOOK_SESSION_IDLE_MINUTES": "15"}).sign_in
    assert found is not None
    assert found.return_to == "https://matchbook.example/oauth2callback"
    assert (found.longest, found.idle) == (timedelta(hours=8), timedelta(minutes=15))
    assert found.is_https


@pytest.mark.parametrize("missing", GOOD)
def test_half_of_it_is_refused(missing: str) -> None:
    with pytest.raises(ConfigError, match=missing):
        Settings.from_environment({**GOOD, missing: ""})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MATCHBOOK_URL", "http://matchbook.example"),
        ("MATCHBOOK_URL", "matchbook.example"),
        ("MATCHBOOK_SIGN_IN_PROVIDER", "http://login.example/x"),
        ("MATCHBOOK_SIGN_IN_SECRET", "hunter2"),
        ("MATCHBOOK_SESSION_HOURS", "25"),
        ("MATCHBOOK_SESSION_HOURS", "0"),
        ("MATCHBOOK_SESSION_IDLE_MINUTES", "never"),
    ],
)
def test_what_cannot_be_is_refused_without_repeating_it(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=name) as caught:
        Settings.from_environment({**GOOD, name: value})
    assert value not in str(caught.value).replace("from 1 to", "") or value in "025"


@pytest.mark.parametrize(
    ("host", "is_ours_alone"),
    [("127.0.0.1", True), ("::1", True), ("[::1]", True), ("localhost", True), ("127.8.9.1", True),
     ("0.0.0.0", False), ("::", False), ("10.0.0.7", False), ("localhost.example", False),
     ("", False)],
)  # fmt: skip
def test_what_only_this_computer_reaches(host: str, is_ours_alone: bool) -> None:
    assert is_loopback(host) is is_ours_alone
