"""pixel.js as it is served: small, cacheable, for one site, with nothing of the request in it."""

from __future__ import annotations

import gzip
import json
import re
import time
from pathlib import Path

import pytest

from ingest.collector.pixel_forms import phone_settings
from ingest.collector.script import served, settings_json
from matchbook import registry as registries
from matchbook.partners import load_partners
from matchbook.registry import MAPP_EMAIL, Pixel, Registry, Site
from tests.collecting import Collecting
from tests.pixel_lines import SINCE

SCRIPT = "/bakery/pixel.js?site="
EVERYTHING = (MAPP_EMAIL, *(partner.partner_id for partner in load_partners()))


def site(*integrations: str, site_id: str = "shop") -> Site:
    pixel = Pixel(integrations=integrations, created_at=SINCE, created_by="a tester")
    return Site(site_id=site_id, client_id="acme", name="Shop", pixel=pixel)


def settings_in(script: str) -> dict[str, object]:
    found = re.search(r"const settings=(\{.*?\});", script)
    assert found
    settings: dict[str, object] = json.loads(found[1])
    return settings


def test_the_script_of_a_site(collector: Collecting) -> None:
    answer = collector.get(SCRIPT + "shop")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=300"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in answer.headers
    expected = {
        "site": "shop", "partners": {}, "out": [], "mail": False, "declared": True, "vendor": None,
        "region": "NL", **phone_settings("NL"),
    }  # fmt: skip
    assert settings_in(answer.text) == expected
    assert collector.get(SCRIPT + "Shop").text == answer.text
    assert settings_in(collector.get(SCRIPT + "blog").text)["declared"] is False


def test_the_region_is_the_clients(collector: Collecting) -> None:
    """Where national phone numbers and addresses without a country are: in the registry."""
    told = json.loads(settings_json(site(), None, True, region="BE"))
    assert (told["region"], told["country"]) == ("BE", "32")
    assert set(told["phones"].split("|")) == set(phone_settings("NL")["phones"].split("|"))


def test_a_country_whose_numbers_it_cannot_read() -> None:
    assert phone_settings("SE")["phones"].endswith("|46[1-9]\\d{6,9}")
    for region in ("IT", "US"):
        assert phone_settings(region) == phone_settings("NL") | {"country": ""}


def test_it_is_asked_for_again_only_when_it_changed(collector: Collecting) -> None:
    tag = collector.get(SCRIPT + "shop").headers["etag"]
    again = collector.get(SCRIPT + "shop", headers={"if-none-match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    other = collector.get(SCRIPT + "blog", headers={"if-none-match": tag})
    assert (other.status_code, len(other.content) > 0) == (200, True)


@pytest.mark.parametrize("name", ["", "nosuch", "%22%3Balert(1)%2F%2F", "%0aalert(1)"])
def test_a_site_nobody_registered(collector: Collecting, name: str) -> None:
    answer = collector.get(SCRIPT + name)
    assert answer.status_code == 404
    assert answer.text.startswith("// ")
    assert answer.text.count("\n") == 1
    assert "alert" not in answer.text


def test_it_is_small_with_every_integration() -> None:
    body, _ = served(settings_json(site(*EVERYTHING), 1234, True, EVERYTHING))
    assert settings_in(body.decode())["mail"] is True
    assert len(gzip.compress(body)) < 3 * 1024


def test_it_is_plain_es2019() -> None:
    source = (Path(__file__).parents[3] / "ingest/collector/pixel.js").read_text()
    newer = (
        r"\?\.(?!\d)|\?\?|\|\|=|&&=|\bimport\b|\bexport\b|\d_\d|replaceAll|matchAll|\.at\(|#\w+\("
    )
    assert re.findall(newer, source) == []


def test_a_name_cannot_leave_its_place() -> None:
    odd = site().model_copy(update={"site_id": '</script>"-alert(1)-"\u2028'})
    literal = settings_json(odd, None, False)
    assert "<" not in literal
    assert literal.isascii()
    assert json.loads(literal)["site"] == odd.site_id


def test_a_changed_integration_is_served_without_a_restart(collector: Collecting) -> None:
    before = collector.get(SCRIPT + "blog").text

    def with_piano(document: Registry) -> Registry:
        pixel = {"pixel": site("piano").pixel}
        sites = (s.model_copy(update=pixel) if s.site_id == "blog" else s for s in document.sites)
        return document.model_copy(update={"sites": tuple(sites)})

    registries.change(collector.settings, with_piano, by="a test")
    for _ in range(100):
        if (after := collector.get(SCRIPT + "blog").text) != before:
            break
        time.sleep(0.05)
    assert list(settings_in(after)["partners"]) == ["piano"]  # type: ignore[call-overload]
