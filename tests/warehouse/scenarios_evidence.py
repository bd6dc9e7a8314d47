"""More named cases of scenarios.md: what counts as evidence, whose it is, and who decides."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from tests.warehouse.hand_made import Client, block, decide, landed, suppress

PLACEHOLDER = "0600000000"


def forwarded_mail() -> Client:
    client = Client("forwarded_mail")
    client.upload(
        0, "opt-in", {"record": "ana", "contact": 1}, {"record": "ben", "email": "fm-ben"}
    )
    client.sync(0, "bens", "c1")
    client.sign_in(0, "bens", "fm-ben")
    client.click(0, "bens", 1)
    return client


def quiet_gateway() -> Client:
    client = Client("quiet_gateway")
    client.upload(0, "opt-in", {"record": "ana", "contact": 1}, {"record": "ben", "contact": 2})
    client.click(0, "gateway", 1)
    client.click(0, "tablet", 2)
    client.hit(0, "page_view", "tablet")
    return client


def couples_mailbox() -> Client:
    client = Client("couples_mailbox")
    people = [{"record": p, "email": "cm-both", "phone": f"cm-{p}"} for p in ("ana", "ben")]
    client.upload(0, "opt-in", *people)
    client.sync(0, "tablet", "c1")
    client.sign_in(0, "tablet", "cm-both")
    client.sync(1, "tablet", "c1")
    client.sign_in(2, "tablet", "cm-ana", by="phone")
    return client


def two_accounts() -> Client:
    client = Client("two_accounts")
    same = {"email": "ta-ana", "phone": "ta-ana"}
    client.upload(0, "opt-in", {"record": "ana"} | same, {"record": "ana-2"} | same)
    client.sync(0, "tablet", "c1")
    client.sign_in(0, "tablet", "ta-ana")
    return client


def household_address() -> Client:
    client = Client("household_address")
    client.upload(0, "opt-in", *({"record": p, "postal": "ha-home"} for p in ("ana", "ben")))
    client.sync(0, "tablet", "c1")
    client.sign_in(0, "tablet", "ha-home", by="postal")
    return client


def placeholder_phone() -> Client:
    client = Client("placeholder_phone")
    client.upload(0, "opt-in", *({"record": p, "phone": PLACEHOLDER} for p in ("ana", "ben")))
    client.sync(0, "tablet", "c1")
    client.sign_in(0, "tablet", PLACEHOLDER, by="phone")
    return client


def office_phone() -> Client:
    client = Client("office_phone")
    client.upload(0, "opt-in", *({"record": f"r{n:02}", "phone": "op"} for n in range(21)))
    client.sync(0, "tablet", "c1")
    client.sign_in(0, "tablet", "op", by="phone")
    return client


def decided_this() -> Client:
    client = Client("decided_this")
    client.upload(0, "opt-in", *({"record": p, "email": f"dt-{p}"} for p in ("ana", "ben")))
    client.sync(0, "laptop", "c1")
    for person in ("ana", "ben"):
        client.sign_in(0, "laptop", f"dt-{person}")
    return client


def decided_not() -> Client:
    client = Client("decided_not")
    client.upload(0, "opt-in", {"record": "ana", "email": "dn-ana"})
    client.sync(0, "tablet", "c1")
    client.sign_in(0, "tablet", "dn-ana")
    return client


def reopened() -> Client:
    client = Client("reopened")
    client.upload(0, "opt-in", {"record": "ana", "email": "ro-ana"})
    client.sync(0, "tablet", "c1")
    client.sign_in(0, "tablet", "ro-ana")
    return client


def decided_reader() -> Client:
    client = Client("decided_reader")
    people = ("ana", "ben", "cem")
    client.upload(0, "opt-in", *({"record": p, "contact": n} for n, p in enumerate(people, 1)))
    for browser, contact in (("laptop", 1), ("laptop", 2), ("laptop", 9), ("tablet", 3)):
        client.hit(0, "read", browser, cep_contact_id=contact)
    for browser in ("laptop", "tablet"):
        client.hit(0, "page_view", browser)
    return client


def moving_cookie() -> Client:
    client = Client("moving_cookie")
    client.upload(0, "opt-in", *({"record": p, "email": f"mc-{p}"} for p in ("ana", "ben")))
    for night, person in ((0, "ana"), (1, "ben")):
        client.sync(night, person, "c1")
        client.sign_in(night, person, f"mc-{person}")
    return client


def shop_east() -> Client:
    client = Client("shop_east")
    client.upload(0, "opt-in", {"record": "1001", "email": "shops-ana"})
    client.sync(0, "tablet", "c1")
    client.sign_in(0, "tablet", "shops-ana")
    return client


def shop_west() -> Client:
    """The same person under the same record id, never signed in here."""
    client = Client("shop_west")
    client.upload(0, "opt-in", {"record": "1001", "email": "shops-ana"})
    client.sync(0, "tablet", "c1")
    return client


def click_then_sync() -> Client:
    client = Client("click_then_sync")
    client.upload(0, "opt-in", {"record": "ana", "contact": 1})
    client.click(0, "tablet", 1)
    client.sync(1, "tablet", "c1")
    return client


def sync_then_click() -> Client:
    client = Client("sync_then_click")
    client.upload(0, "opt-in", {"record": "ana", "contact": 1})
    client.sync(0, "tablet", "c1")
    client.click(1, "tablet", 1)
    return client


def comes_back() -> Client:
    client = Client("comes_back", evidence_days=2)
    client.upload(0, "opt-in", {"record": "ana", "email": "cb-ana"})
    client.sync(0, "tablet", "c1")
    client.sign_in(0, "tablet", "cb-ana")
    client.sign_in(2, "tablet", "cb-ana")
    return client


def out_before_night() -> Client:
    client = Client("out_before_night")
    client.upload(0, "opt-in", {"record": "ana", "contact": 1})
    client.sync(0, "tablet", "c1")
    client.click(1, "tablet", 1)
    return client


def changed_mail() -> Client:
    client = Client("changed_mail")
    client.upload(0, "opt-in", {"record": "ana", "email": "ch-old"})
    client.sync(0, "tablet", "c1")
    client.sign_in(0, "tablet", "ch-old")
    client.upload(1, "opt-in", {"record": "ana", "email": "ch-new"})
    client.sign_in(2, "tablet", "ch-new")
    return client


def late_evidence() -> Client:
    client = Client("late_evidence")
    client.upload(0, "opt-in", {"record": "ana", "email": "le-ana"})
    client.sync(0, "tablet", "c1")
    client.sign_in(2, "tablet", "le-ana", days_ago=3)
    return client


def new_in_the_house() -> Client:
    client = Client("new_in_the_house")
    client.upload(0, "opt-in", *({"record": p, "email": f"nh-{p}"} for p in ("ana", "ben", "cem")))
    for browser, person in (("tablet", "ana"), ("laptop", "cem")):
        client.sync(0, browser, browser)
        client.sign_in(0, browser, f"nh-{person}")
    client.sign_in(2, "tablet", "nh-ben")
    client.sign_in(2, "laptop", "nh-cem")
    return client


ALL = (
    forwarded_mail,
    quiet_gateway,
    couples_mailbox,
    two_accounts,
    household_address,
    placeholder_phone,
    office_phone,
    decided_this,
    decided_not,
    reopened,
    decided_reader,
    moving_cookie,
    shop_east,
    shop_west,
    click_then_sync,
    sync_then_click,
    comes_back,
    out_before_night,
    changed_mail,
    late_evidence,
    new_in_the_house,
)


def say(home: Path, night: int) -> None:
    """What people say and decide before a night."""
    if night == 0:
        block(home, "phone", PLACEHOLDER)
    if night == 1:
        suppress(home, "out_before_night", "record", "ana", landed(1) - timedelta(hours=1))
    if night == 2:
        decide(home, decided_this(), "laptop", "ben", "this_record", landed(1))
        decide(home, decided_not(), "tablet", "ana", "not_this_record", landed(1))
        decide(home, reopened(), "tablet", "ana", "not_this_record", landed(1))
        decide(home, decided_reader(), "laptop", "ben", "this_record", landed(1))
        decide(home, decided_reader(), "tablet", "cem", "not_this_record", landed(1))
        later = landed(1) + timedelta(hours=1)
        decide(home, reopened(), "tablet", "ana", "open", later)
