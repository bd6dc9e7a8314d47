"""The named cases of scenarios.md: each is one client, and all share three nights."""

from __future__ import annotations

from datetime import timedelta

from tests.warehouse.hand_made import Client, key, landed, moment

PUBLISHERS = {"gazette": ["bake_reader"]}


def shared_device() -> Client:
    client = Client("shared_device")
    client.upload(0, "opt-in", *({"record": p, "email": f"sd-{p}"} for p in ("ana", "ben", "cem")))
    for browser, people in (("tablet", ["ana"]), ("laptop", ["ben", "cem"])):
        client.sync(0, browser, browser)
        for person in people:
            client.sign_in(0, browser, f"sd-{person}")
    return client


def cleared_cookie() -> Client:
    client = Client("cleared_cookie")
    client.upload(0, "opt-in", {"record": "ana", "email": "cc-ana"})
    for night, browser, cookie in ((0, "before", "c1"), (1, "after", "c1"), (2, "anew", "c2")):
        client.sync(night, browser, cookie)
        client.sign_in(night, browser, "cc-ana")
    return client


def late_sync() -> Client:
    client = Client("late_sync")
    client.upload(0, "opt-in", {"record": "ana", "email": "ls-ana"})
    client.sign_in(0, "tablet", "ls-ana")
    client.sync(2, "tablet", "c1", days_ago=3)
    return client


def refusal() -> Client:
    client = Client("refusal")
    client.upload(0, "opt-in", {"record": "ana", "email": "re-ana"})
    client.sync(0, "tablet", "c1")
    client.sign_in(0, "tablet", "re-ana")
    client.hit(1, "withdraw", "tablet", hit_at=landed(1))
    client.sync(2, "tablet", "c1")
    return client


def out_and_back() -> Client:
    client = Client("out_and_back")
    client.upload(0, "opt-in", {"record": "ana", "email": "ob-ana"})
    client.sync(0, "tablet", "c1")
    client.sign_in(0, "tablet", "ob-ana")
    client.upload(1, "opt-out", {"email": "ob-ana"})
    client.upload(2, "opt-in", {"record": "ana", "email": "ob-ana"})
    return client


def replaced() -> Client:
    client = Client("replaced")
    people = [{"record": p, "email": f"rp-{p}"} for p in ("ana", "ben")]
    client.upload(0, "opt-in", *people)
    for person in ("ana", "ben"):
        client.sync(0, person, person)
        client.sign_in(0, person, f"rp-{person}")
    client.upload(1, "replace", people[0])
    return client


def emptied_cell() -> Client:
    client = Client("emptied_cell")
    client.upload(0, "opt-in", {"record": "ana", "email": "ec-ana"})
    client.sync(0, "tablet", "c1")
    client.sign_in(0, "tablet", "ec-ana")
    client.upload(1, "opt-in", {"record": "ana", "email": ""})
    return client


def kiosk() -> Client:
    client = Client("kiosk")
    people = [f"p{number:02}" for number in range(12)]
    client.upload(0, "opt-in", *({"record": p, "email": f"ki-{p}"} for p in people))
    for person in people:
        client.sync(0, person, "kiosk")
        client.sign_in(0, person, f"ki-{person}")
    return client


def junk_key() -> Client:
    client = Client("junk_key")
    records = [f"r{number:02}" for number in range(51)]
    client.upload(0, "opt-in", *({"record": r, "email": "jk-info"} for r in records))
    client.sync(0, "tablet", "c1")
    client.sign_in(0, "tablet", "jk-info")
    return client


def two_email_rules() -> Client:
    """The documents keep what follows a plus sign, the SDK cuts it off."""
    client = Client("two_email_rules")
    both = {"email_da_docs_v1": "er-ana+shop", "email_da_sdk_v1": "er-ana"}
    client.upload(0, "opt-in", {"record": "ana"} | both)
    for browser, email in (("docs", "er-ana+shop"), ("sdk", "er-ana"), ("other", "er-ana+news")):
        client.sync(0, browser, browser)
        client.sign_in(0, browser, email)
    return client


def one_person_twice() -> Client:
    client = Client("one_person_twice")
    client.upload(0, "opt-in", *({"record": r, "email": "pt-ana"} for r in ("ana", "ana-2")))
    client.sync(0, "tablet", "c1")
    client.sign_in(0, "tablet", "pt-ana")
    return client


def bake_reader() -> Client:
    """Its publisher's log-ins are its evidence."""
    client = Client("bake_reader")
    client.upload(0, "opt-in", {"record": "ana", "email": "bake-ana"})
    client.sync(0, "tablet", "c1")
    bake = {"client_id": None, "publisher_id": "gazette", "site_id": None}
    bake |= {"identifier_type": "email", "identifier_key": key("bake-ana")}
    client.hit(0, "bake", "tablet", **bake)
    bystander = bake_bystander().visitor("tablet")
    client.hit(0, "bake", "tablet", **bake, visitor_id=bystander)
    return client


def bake_bystander() -> Client:
    """The same person and publisher, which does not work for this client."""
    client = Client("bake_bystander")
    client.upload(0, "opt-in", {"record": "ana", "email": "bake-ana"})
    client.sync(0, "tablet", "c1")
    return client


def mail_click() -> Client:
    client = Client("mail_click")
    client.upload(0, "opt-in", {"record": "ana", "contact": 17}, {"record": "ben", "contact": 18})
    client.sync(0, "tablet", "c1")
    client.sync(0, "scanner", "c2")
    client.click(0, "tablet", 17)
    client.click(0, "scanner", 18, is_bot=True)
    return client


def mail_scan() -> Client:
    """The scanner looks like a browser; only its haste gives it away."""
    client = Client("mail_scan")
    client.upload(0, "opt-in", {"record": "ana", "contact": 17}, {"record": "ben", "contact": 18})
    for night, link in ((0, "/sale"), (1, "/news")):
        at = moment(0) + timedelta(seconds=night)
        client.sync(0, f"scanner{link}", f"s{night}")
        link = {"page_host": "shop.example", "page_path": link}
        client.click(night, f"scanner{link['page_path']}", 18, message_id="m", hit_at=at, **link)
    client.sync(0, "tablet", "c1")
    for seconds, link in ((0, "/sale"), (0, "/sale"), (9, "/news")):
        at = moment(0) + timedelta(seconds=seconds)
        own = {"page_host": "shop.example", "page_path": link, "hit_at": at}
        client.click(0, "tablet", 17, message_id="m", **own)
    return client


def ahead_of_time() -> Client:
    client = Client("ahead_of_time")
    client.upload(0, "opt-in", {"record": "ana", "email": "at-ana"})
    client.sign_in(0, "tablet", "at-ana")
    client.sync(0, "tablet", "c1", hit_at=moment(0, -1), has_clock_skew=True)
    return client


def two_partners() -> Client:
    client = Client("two_partners", sites=("home", "blog"))
    client.upload(0, "opt-in", {"record": "ana", "email": "tp-ana"})
    client.sign_in(0, "tablet", "tp-ana")
    client.sync(0, "tablet", "c1")
    client.sync(0, "tablet", "c1", site_id="two_partners-blog")
    client.sync(0, "tablet", "c9", partner_id="piano")
    return client


def asked_out() -> Client:
    """Its records are suppressed by identifier, contact and record id before the last night."""
    client = Client("asked_out")
    client.upload(
        0,
        "opt-in",
        {"record": "ana", "email": "ao-ana"},
        {"record": "ben", "email": "ao-ben"},
        {"record": "cem", "email": "ao-cem", "contact": 9},
        {"record": "dia", "email": "ao-dia"},
    )
    for person in ("ana", "ben", "cem", "dia"):
        client.sync(0, person, person)
        client.sign_in(0, person, f"ao-{person}")
    return client


ALL = (
    shared_device,
    cleared_cookie,
    late_sync,
    refusal,
    out_and_back,
    replaced,
    emptied_cell,
    kiosk,
    junk_key,
    two_email_rules,
    one_person_twice,
    bake_reader,
    bake_bystander,
    mail_click,
    mail_scan,
    ahead_of_time,
    two_partners,
    asked_out,
)
