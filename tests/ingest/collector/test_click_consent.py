"""When a click is tracked, and on what basis; the person gets to the page in any case."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from matchbook import registry as registries
from matchbook import suppressions
from matchbook.settings import Settings
from matchbook.visitor_cookie import sign
from tests.mailing import AT, GOOD, REGISTRY, Desk, desk, header, later
from tests.pixel_lines import visitor
from tests.tc_strings import ALLOW, FIXTURES, VENDOR


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    settings = Settings(home=tmp_path_factory.mktemp("mail"), now=AT)
    suppressions.add(settings, subject_type="cep_contact", subject_id="13", client_id="acme")
    suppressions.add(settings, subject_type="cep_contact", subject_id="14")
    suppressions.add(settings, subject_type="cep_contact", subject_id="15", client_id="beta")
    with desk(settings, REGISTRY.model_copy(update={"tcf_vendor_id": VENDOR})) as made:
        yield made


UNTRACKED = {
    "CO12-no-signal": ({"client_id": "beta"}, "", {}, "switch_off"),
    "consent-0": ({}, "&consent=0", {}, "no_consent"),
    "gdpr-1": ({}, "&gdpr=1", {}, "no_consent"),
    "tc-invalid": ({}, f"&gdpr=1&gdpr_consent={ALLOW[:-4]}", {}, None),
    "tc-against-link": ({}, f"&consent=0&gdpr=1&gdpr_consent={ALLOW}", {}, "no_consent"),
    "tc-refusal": ({}, f"&gdpr=1&gdpr_consent={FIXTURES['no-purpose-1'][0]}&consent=1", {},
                   "tc_no_purpose"),
    "CO10-gpc": ({}, "&consent=1", {"sec_gpc": "1"}, "gpc"),
    "opt-out-cookie": ({}, "&consent=1", {"cookie": "mb_optout=1"}, "opted_out"),
    "contact-opted-out": ({"contact": "13"}, "&consent=1", {}, "opted_out"),
    "contact-opted-out-everywhere": ({"contact": "14"}, "", {}, "opted_out"),
    "head": ({}, "", {"method": "HEAD"}, "no_cookie"),
}  # fmt: skip


@pytest.mark.parametrize(("link", "added", "sent", "reason"), UNTRACKED.values(), ids=UNTRACKED)
def test_untracked_people_get_to_the_page(
    office: Desk, link: dict[str, str], added: str, sent: dict[str, str], reason: str | None
) -> None:
    answer = office.get(office.link(**link) + added, **sent)
    assert (answer.status, header(answer, "location")) == (302, GOOD)
    assert header(answer, "set-cookie") is None
    line = office.lines()[-1]
    assert line["decision"] == "untracked"
    assert reason is None or line["reason"] == reason
    assert line["visitor"] is None
    assert not any(line.get(name) for name in ("contact", "message", "page", "ip_prefix"))


@pytest.mark.parametrize(
    ("added", "basis"),
    [("&consent=1", "link_consent"), ("", "declared"), ("&gdpr=0", "gdpr_not_applicable"),
     (f"&gdpr=1&gdpr_consent={ALLOW}", "tcf")],
)  # fmt: skip
def test_on_which_basis_a_click_is_tracked(office: Desk, added: str, basis: str) -> None:
    assert header(office.get(office.link() + added), "set-cookie") is not None
    assert office.lines()[-1]["basis"] == basis


def test_an_opted_out_contact_says_nothing_about_the_browser(office: Desk) -> None:
    cookie = sign(office.collector.keys.cookie, visitor(8))
    office.get(office.link(contact="13"), cookie=f"mbid={cookie}")
    line = office.lines()[-1]
    assert (line["decision"], line["visitor"]) == ("untracked", None)
    office.get(office.link(contact="15"))  # another client's opt-out
    assert office.lines()[-1]["decision"] == "tracked"


def test_a_refusal_withdraws_the_browser(office: Desk) -> None:
    cookie = sign(office.collector.keys.cookie, visitor(9))
    answer = office.get(office.link(), cookie=f"mbid={cookie}", sec_gpc="1")
    assert header(answer, "location") == GOOD
    line = office.lines()[-1]
    assert (line["decision"], line["visitor"]) == ("withdraw", visitor(9))
    assert not line.get("contact")


@pytest.mark.parametrize(
    ("added", "reason"),
    [("&consent=<%flag%>", "bad_param"), ("&consent=%ff", "bad_encoding"),
     ("&consent=1&consent=0", "dup_param"), ("&gdpr=0&gdpr=1", "dup_param"),
     ("&x=anna%40shop.example", "personal_data")],
)  # fmt: skip
def test_what_comes_beside_a_good_link_does_not_keep_people_away(
    office: Desk, added: str, reason: str
) -> None:
    answer = office.get(office.link() + added)
    assert (answer.status, header(answer, "location")) == (302, GOOD)
    assert header(answer, "set-cookie") is None
    assert office.lines()[-1]["refused"] == reason


def test_bots_and_prefetches_are_flagged(office: Desk) -> None:
    office.get(office.link(), user_agent="Mozilla/5.0 (compatible; Googlebot/2.1)")
    assert office.lines()[-1]["bot"] is True
    cookie = sign(office.collector.keys.cookie, visitor(7))
    office.get(office.link(), cookie=f"mbid={cookie}", sec_purpose="prefetch")
    assert (office.lines()[-1]["prefetch"], office.lines()[-1]["bot"]) == (True, False)


def test_a_switch_counts_without_a_restart(settings: Settings) -> None:
    with desk(settings) as office:
        office.get(office.link())
        acme = REGISTRY.clients[0].model_copy(update={"dmp_matching_link_click": None})
        registries.replace(settings, REGISTRY.model_copy(
            update={"clients": (acme, *REGISTRY.clients[1:])}), by="a test")  # fmt: skip
        office.collector.watch.look()
        office.get(office.link())
        assert [line["decision"] for line in office.lines()] == ["tracked", "untracked"]


def test_a_click_before_the_approval_is_not_tracked(office: Desk) -> None:
    office.get(office.link(), at=later(-400 * 86400))
    assert office.lines()[-1]["reason"] == "switch_off"


def test_an_opt_out_counts_within_seconds(settings: Settings) -> None:
    with desk(settings) as office:
        suppressions.add(settings, subject_type="cep_contact", subject_id="4711")
        office.collector.contacts.look()
        office.get(office.link())
        assert office.lines()[-1]["reason"] == "opted_out"
