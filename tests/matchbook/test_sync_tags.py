"""The tag of each partner: its own way to its id, and nothing else of the page."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from matchbook.partners import Partner, load_partners
from matchbook.partners.agreed import Agreed, AgreedSync
from matchbook.registry import Client, ClientPartner, Site
from matchbook.settings import Settings
from matchbook.sync_tags import sync_tag

SITE = Site(site_id="shop", client_id="acme", name="Shop", hosts=("www.shop.example",))
CLIENT = Client(
    client_id="acme",
    name="Acme",
    collector_hosts=("px.shop.example",),
    partners=(ClientPartner(partner_id="piano", codes=("PO_12345678",)),),
)
READ = {
    "tealium": 'b["cp.utag_main_v_id"] || b.tealium_visitor_id',
    "selligent": "Sb_",
    "supermetrics": "_svtri=",
    "spotler": "sqzllocal=",
    "mediarithmics": 'mics_vid=([^;]+)/) || [])[1];\n    if (id) id = "vec:" + id',
    "piano": "cX.getCxenseUserId()",
    "permutive": 'localStorage.getItem("permutive-id")',
}
SENT_ON = {"weborama": "{WEBO_CID}", "snowplow": "${SP_NUID}"}


@pytest.mark.parametrize("partner", load_partners(), ids=lambda partner: partner.partner_id)
def test_every_partner_has_one(tmp_path: Path, partner: Partner) -> None:
    tag = sync_tag(Settings(home=tmp_path), CLIENT, SITE, partner)
    assert tag.fires
    assert tag.grade == partner.sync.grade
    if partner.partner_id in SENT_ON:
        source = re.search(r'src="([^"]+)"', tag.code)
        assert source
        (inner,) = next(iter(parse_qs(urlsplit(source[1]).query).values()))
        assert inner == (
            "https://px.shop.example/bakery/sync/dmpsyncendpoint?site=shop"
            f"&partner={partner.partner_id}&read=false&cookieid={SENT_ON[partner.partner_id]}"
        )
        assert SENT_ON[partner.partner_id] in tag.remark
    else:
        assert READ[partner.partner_id] in tag.code
        assert "/bakery/sync/dmpsyncendpoint?site=shop&partner=" in tag.code


def test_a_code_of_the_clients_own_stands_in_for_the_partners_name(tmp_path: Path) -> None:
    piano = next(p for p in load_partners() if p.partner_id == "piano")
    code = sync_tag(Settings(home=tmp_path), CLIENT, SITE, piano).code
    assert "partner=PO_12345678&read=false&parcid=" in code


def test_what_the_client_agreed_stands_in_its_place(tmp_path: Path) -> None:
    by_id = {partner.partner_id: partner for partner in load_partners()}
    script = AgreedSync(script="window.ours.id")
    redirect = AgreedSync(macro="%OUR_ID%", redirect="https://partner.example/go?to={url}")
    partners = (
        ClientPartner(partner_id="tealium", agreed=Agreed(sync=script)),
        ClientPartner(partner_id="weborama", agreed=Agreed(sync=redirect)),
    )
    client = CLIENT.model_copy(update={"partners": partners})
    settings = Settings(home=tmp_path)
    read = sync_tag(settings, client, SITE, by_id["tealium"])
    sent_on = sync_tag(settings, client, SITE, by_id["weborama"])
    assert "var id = window.ours.id;" in read.code
    assert "https://partner.example/go?to=https%3A%2F%2Fpx.shop.example" in sent_on.code
    assert sent_on.code.count("cookieid%3D%25OUR_ID%25") == 1
    assert (read.grade, sent_on.grade) == ("client", "client")
