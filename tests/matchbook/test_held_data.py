"""What is said to be held, and who is said to get it, follows the configuration."""

from __future__ import annotations

from matchbook.held_data import held, recipients
from matchbook.partners import load_partners
from matchbook.registry import Client, ClientPartner, CrmList, Publisher, Registry, Site
from matchbook.settings import Settings
from tests.pixel_lines import APPROVED, DECLARED

ALL = tuple(ClientPartner(partner_id=partner.partner_id) for partner in load_partners())
ACME = Client(client_id="acme", name="Acme", partners=ALL, dmp_matching_link_click=APPROVED)
BETA = Client(client_id="beta", name="Beta")
DOCUMENT = Registry(
    clients=(ACME, BETA),
    sites=(
        Site(site_id="shop", client_id="acme", name="The shop", consent_declaration=DECLARED),
        Site(site_id="blog", client_id="acme", name="The blog", consent_declaration=DECLARED),
    ),
    lists=(CrmList(list_id="news", client_id="acme", name="Newsletter"),),
    publishers=(Publisher(publisher_id="daily", name="The Daily", client_ids=("acme",)),),
)


def test_each_way_in_is_named_with_its_basis() -> None:
    found = {one.source: one for one in held(DOCUMENT, ACME)}
    assert list(found) == ["The sites The shop, The blog", "Links clicked in e-mails",
                           "Log-ins at The Daily", "The CRM list Newsletter"]  # fmt: skip
    assert DECLARED.declared_by in found["The sites The shop, The blog"].basis
    assert APPROVED.basis in found["Links clicked in e-mails"].basis
    assert "declared" not in found["Log-ins at The Daily"].basis
    assert {one.kept for one in found.values()} == {"13 months from landing"}
    assert all(one.what and one.why for one in found.values())


def test_each_partner_is_named_with_what_it_gets(settings: Settings) -> None:
    found = {one.name: one for one in recipients(settings, ACME)}
    assert list(found) == [partner.name for partner in load_partners()]
    unable = {name for name, one in found.items() if one.can_remove.startswith("No")}
    assert unable == {"Spotler", "Weborama", "Permutive"}
    assert all("cookie ids" in one.gets for one in found.values())


def test_a_client_without_anything_has_nothing(settings: Settings) -> None:
    assert held(DOCUMENT, BETA) == []
    assert recipients(settings, BETA) == []
