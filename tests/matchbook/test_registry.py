"""What a registry may say of pixels."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from matchbook import registry
from matchbook.errors import ConfigError
from matchbook.registry import Client, ClientPartner, Pixel, Registry, Site
from matchbook.settings import Settings

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def with_pixel(*integrations: str) -> Registry:
    pixel = Pixel(integrations=integrations, created_at=NOW, created_by="web team")
    partners = (ClientPartner(partner_id="tealium"),)
    return Registry(
        clients=(Client(client_id="acme", name="Acme", partners=partners),),
        sites=(Site(site_id="shop", client_id="acme", name="Shop", pixel=pixel),),
    )


def test_a_pixel_fires_the_clients_partners_and_mapp_email(settings: Settings) -> None:
    registry.replace(settings, with_pixel("mapp_email", "tealium"), by="test")
    (site,) = registry.current(settings).sites
    assert site.pixel
    assert site.pixel.integrations == ("mapp_email", "tealium")
    assert not site.pixel.partitioned


@pytest.mark.parametrize("integrations", [["piano"], ["nobody"], ["tealium", "tealium"]])
def test_other_integrations_are_refused(settings: Settings, integrations: list[str]) -> None:
    before = registry.replace(settings, with_pixel(), by="test")
    assert before.sites[0].pixel
    pixel = before.sites[0].pixel.model_copy(update={"integrations": tuple(integrations)})
    site = before.sites[0].model_copy(update={"pixel": pixel})
    with pytest.raises(ConfigError, match="shop"):
        registry.replace(settings, before.model_copy(update={"sites": (site,)}), by="test")
    assert registry.current(settings) == before


def test_documents_from_before_pixels_stay_valid() -> None:
    client = {"client_id": "acme", "name": "Acme"}
    site = {"site_id": "shop", "client_id": "acme", "name": "Shop"}
    old = Registry.model_validate({"clients": [client], "sites": [site]})
    assert (old.tcf_vendor_id, old.sites[0].pixel) == (None, None)


@pytest.mark.parametrize("vendor_id", [0, -1, 70_000, "many"])
def test_a_vendor_id_is_one_of_the_list(vendor_id: object) -> None:
    with pytest.raises(ValidationError):
        Registry.model_validate({"tcf_vendor_id": vendor_id})


@pytest.mark.parametrize(
    "url",
    [
        "https://sync.partner.example/match?account=7&back={return_url}&v=2",
        "https://sync.partner.example:8443/?{return_url}",
        "https://partner.example?to={return_url}",
    ],
)
def test_a_user_sync_url_leads_to_the_partner_and_back(url: str) -> None:
    assert ClientPartner(partner_id="tealium", user_sync_url=url).user_sync_url == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://partner.example/?to={return_url}",
        "HTTPS://partner.example/?to={return_url}",
        "//partner.example/?to={return_url}",
        "/match?to={return_url}",
        "https://partner.example/match",
        "https://partner.example/match?to=",
        "https://partner.example/{return_url}",
        "https://{return_url}/?to=x",
        "https://partner.example/?to={return_url}&or={return_url}",
        "https://partner.example/#?to={return_url}",
        "https://partner.example/?to={return_url}#top",
        "https://user:word@partner.example/?to={return_url}",
        "https://partner.example@other.example/?to={return_url}",
        "https://partner.example\\@other.example/?to={return_url}",
        "https://partner.example:port/?to={return_url}",
        "https:///?to={return_url}",
        "https:partner.example/?to={return_url}",
        "https://partner.example/?to={return_url}\r\nset-cookie: x=1",
        "https://partner.example/?to={return_url}\n",
        "https://partner.example/ ?to={return_url}",
        "https://p\u00e4rtner.example/?to={return_url}",
        "https://partner.example/?to={RETURN_URL}",
        "https://partner.example/?to={return_url}" + "a" * 1024,
        "javascript:alert(1)//?to={return_url}",
    ],
)
def test_another_user_sync_url_is_refused(url: str) -> None:
    with pytest.raises(ValidationError, match="user_sync_url"):
        ClientPartner(partner_id="tealium", user_sync_url=url)
