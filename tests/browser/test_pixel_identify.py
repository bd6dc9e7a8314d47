"""Identifiers are brought into the project's form and hashed in the browser; nothing else leaves.

The examples are those of digitalAudience's documents and SDKs and of others who document
theirs; phone numbers in our form, which has no plus.
"""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.pixel_page import PixelPage, pixel_page, script

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.xdist_group("pixels")]

EMAILS = {
    "test@digitalaudience.io": ["test@digitalaudience.io"],
    "TEST@digitalAudience.io": ["test@digitalaudience.io"],
    " test@digitalaudience.io ": ["test@digitalaudience.io"],
    "test+123456@digitalaudience.io": [
        "test+123456@digitalaudience.io",
        "test@digitalaudience.io",
    ],
    "a+b+c@x.io": ["a+b+c@x.io", "a@x.io"],
    "John.Sam@MAIL.COM": ["john.sam@mail.com"],
    " john. sam@mail.com ": ["john.sam@mail.com"],
    "JANE.SAOIRSE@gmail.com": ["jane.saoirse@gmail.com"],
    "JaneSaoirse+Work@example.com": ["janesaoirse+work@example.com", "janesaoirse@example.com"],
    "John_Smith@gmail.com": ["john_smith@gmail.com"],
    "MyName@liveramp.com ": ["myname@liveramp.com"],
    "valéry@exämple.fr": ["valéry@exämple.fr"],
    "x@a+b.com": [],
    "a..b@x.nl": [],
    "jan@mail.test": [],
    "a+..b@x.io": [],
    "o'brien@xs4all.nl": ["o'brien@xs4all.nl"],
    "john. sam+x@mail.com": ["john.sam+x@mail.com"],
    "+a@x.io": ["+a@x.io"],
    "quinn": [],
    " ": [],
    " @googlemail.com": [],
    " ...@gmail.com": [],
    "a@b": [],
    "a@b@c.de": [],
    "a@.de": [],
    "a@b.": [],
}
PHONES = {
    ("+31614123456", None): "31614123456",
    ("+31201234567", None): "31201234567",
    ("0031201234567", None): "31201234567",
    ("0612345678", None): "31612345678",
    ("+31-6 123/456(78)", None): "31612345678",
    ("+31 (0)6 12345678", None): "31612345678",
    ("(+31) 6 12345678", None): "31612345678",
    ("06 12 34 56 78", None): "31612345678",
    ("(020) 123 45 67", None): "31201234567",
    ("+44 844 412 4653", None): "448444124653",
    ("+32 470 12 34 56", None): "32470123456",
    ("0470/12.34.56", "32"): "32470123456",
    ("030 123456", 49): "4930123456",
    ("+49 (0)30 123456", None): "4930123456",
    ("01 23 45 67 89", "33"): "33123456789",
    ("020 7946 0958", "44"): "442079460958",
    ("31612345678", None): None,
    ("441134960987", 44): None,
    ("   +1-800-555-0100", None): None,
    ("+61 491 570 006", None): None,
    ("0491 570 006", "61"): None,
    ("+39 02 36618300", None): None,
    ("+44 0 20 7946 0958", None): None,
    ("+33 6 12 34 56", None): None,
    ("612345678", None): None,
    ("+316123456789", None): None,
    ("+310612345678", None): None,
    ("+3161234567", None): None,
    ("+1234567", None): None,
    ("+1234567890123456", None): None,
    (" +A BCD EFG ", None): None,
    ("  ", None): None,
    ("jan@example.com", None): None,
}
ADDRESSES = {
    "NL | 1012 jm | 1 | ": "NL|1012JM|1|",
    "nl|1012JM|1|": "NL|1012JM|1|",
    "NL|1012JM|1": "NL|1012JM|1|",
    "NL|1012JM|1|A": "NL|1012JM|1|A",
    "NL | 2611 ET | 12 | a-hs": "NL|2611ET|12|AHS",
    "NL | 2611ET | 12-A | ": "NL|2611ET|12|A",
    "NL | 2611 ET | 0012 | bis": "NL|2611ET|12|BIS",
    "SE | 114 55 | 10 | B": "SE|11455|10|B",
    "be|1000|15|bus 3": "BE|1000|15|3",
    "BE|1000|15 bte 4|": "BE|1000|15|4",
    "DE|10115|7b|": "DE|10115|7|B",
    "FR|75001|1 bis|": "FR|75001|1|BIS",
    "GB|SW1A 1AA|10|": "GB|SW1A1AA|10|",
    "LU|L-1234|3|": "LU|L-1234|3|",
    "|1012JM|1|": "NL|1012JM|1|",
    "BE|B-1000|15|": None,
    "BE|0100|15|": None,
    "DE|00123|1|": None,
    "FR|7500|1|": None,
    "GB|SW1A|10|": None,
    "België|1000|1|": None,
    "NL | 0123 AB | 1 | ": None,
    "NL | 1234 SS | 1 | ": None,
    "NL | 1234 AB |  | ": None,
    "NL|1234|1|": None,
    "1012JM|1": None,
    "Dam 1, Amsterdam": None,
    "NL|1012JM|0|": None,
    "NL|1012JM|1|A|B": None,
}

IDENTIFY = (
    "([given, country]) => { matchbook.country = country; return matchbook.identify(given); }"
)


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def identify(opened: PixelPage, given: dict[str, Any], country: object = None) -> Any:
    """What the promise says, and the hashes sent with the calls that the page made for it."""
    opened.requests.clear()
    told = opened.page.evaluate(IDENTIFY, [given, country])
    return told, opened.calls("identify")


def test_emails_are_hashed_by_both_rules(browser: Browser) -> None:
    with pixel_page(browser, script()) as opened:
        for given, texts in EMAILS.items():
            told, calls = identify(opened, {"email": given})
            assert told == {"email": bool(texts)}, given
            assert [call["email"] for call in calls] == [sha256(text) for text in texts], given


def test_phones_have_their_country_code_and_no_plus(browser: Browser) -> None:
    with pixel_page(browser, script()) as opened:
        for (given, country), text in PHONES.items():
            told, calls = identify(opened, {"phone": given}, country)
            assert told == {"phone": text is not None}, given
            assert [call["phone"] for call in calls] == ([sha256(text)] if text else []), given


def test_postal_addresses(browser: Browser) -> None:
    with pixel_page(browser, script()) as opened:
        for given, text in ADDRESSES.items():
            told, calls = identify(opened, {"postal": given})
            assert told == {"postal": text is not None}, given
            assert [call["postal"] for call in calls] == ([sha256(text)] if text else []), given


def test_hashes_that_vendors_print(browser: Browser) -> None:
    with pixel_page(browser, script()) as opened:
        _, calls = identify(opened, {"email": " john. sam@mail.com "})
        printed = "a7df77a9db89b44110c704b680a24978579a3069b419db95cbda84541094adba"
        assert calls[0]["email"] == printed


def test_one_call_carries_all_three_and_a_second_the_other_rule(browser: Browser) -> None:
    given = {"email": "Jan+shop@example.com", "phone": "06 12345678", "postal": "NL|1012JM|1|A"}
    with pixel_page(browser, script()) as opened:
        told, (first, second) = identify(opened, given)
        assert told == {"email": True, "phone": True, "postal": True}
        u = "https://site-a.localhost/shoes"
        here = {"path": "identify", "site": "shop", "u": u}
        assert first == here | {
            "email": sha256("jan+shop@example.com"),
            "phone": sha256("31612345678"),
            "postal": sha256("NL|1012JM|1|A"),
        }
        assert second == here | {"email": sha256("jan@example.com")}


def test_what_is_not_valid_is_left_out_and_told(browser: Browser) -> None:
    with pixel_page(browser, script()) as opened:
        told, calls = identify(opened, {"email": "jan at example", "phone": "0612345678"})
        assert told == {"email": False, "phone": True}
        assert [set(call) for call in calls] == [{"path", "site", "u", "phone"}]
        assert identify(opened, {"email": "", "phone": None}) == ({}, [])
        assert identify(opened, {}) == ({}, [])
        assert identify(opened, {"email": 5}) == ({"email": False}, [])


def test_a_call_that_fails_is_not_said_to_be_sent(browser: Browser) -> None:
    with pixel_page(browser, script()) as opened:
        opened.wait_for("page")
        opened.page.route("**/bakery/identify*", lambda route: route.abort())
        told = opened.page.evaluate("matchbook.identify({email: 'jan@example.com'})")
        assert told == {"email": False}
