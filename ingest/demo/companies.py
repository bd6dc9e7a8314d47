"""The three companies of the demo world: their sites, partner tags and lists. All invented."""

from __future__ import annotations

from dataclasses import dataclass

from matchbook.registry import UploadEvery


@dataclass(frozen=True)
class SiteFacts:
    """A web site and how much of its company's traffic it has."""

    site_id: str
    name: str
    host: str
    weight: float
    sections: tuple[str, ...]
    declares_consent: bool = True
    has_pixel: bool = True
    """Else it is a site that somebody still has to give one."""


@dataclass(frozen=True)
class Tag:
    """A partner's tag at a company."""

    partner_id: str
    sites: tuple[str, ...] = ()
    """Where it stands; nowhere named means everywhere."""
    sampled: float = 1.0
    """The share of browsers it works on."""
    fires: float = 0.6
    """How often it syncs in a visit; most tags do so again only after some days."""
    code: str = ""
    """The company's own partner code."""


@dataclass(frozen=True)
class Company:
    """A client of the demo world."""

    client_id: str
    name: str
    record_prefix: str
    host: str
    sites: tuple[SiteFacts, ...]
    tags: tuple[Tag, ...]
    crm_share: float
    """Of the people on the web, in its CRM."""
    visits_a_day: float
    """Of a browser whose owner is interested."""
    pages_a_visit: float
    login_rate: float
    mails_on: int | None
    """Weekday of its mailing, Monday is 0; None: no mailings."""


THIRD_PARTY = frozenset({"selligent", "weborama", "mediarithmics", "piano"})
"""Partners whose cookie is a third party's: Safari and Firefox do not keep it."""

PUBLISHER_ID = "dap_200417"
PUBLISHER_HOST = "collect.wolkendek.example"

_SHOP = ("sofas", "tables", "lighting", "bedroom", "kitchen", "sale")

RETAILER = Company(
    client_id="oakandlinen",
    name="Oak & Linen",
    record_prefix="OL",
    host="collect.oakandlinen.example",
    sites=(
        SiteFacts("oak_nl", "Oak & Linen NL", "www.oakandlinen.example", 0.40, _SHOP),
        SiteFacts("oak_be", "Oak & Linen BE", "be.oakandlinen.example", 0.20, _SHOP),
        SiteFacts("oak_garden", "Oak & Linen Garden", "garden.oakandlinen.example", 0.15,
                  ("plants", "furniture", "barbecues", "pots")),
        SiteFacts("oak_outlet", "Oak & Linen Outlet", "outlet.oakandlinen.example", 0.10, _SHOP),
        SiteFacts("oak_stories", "Oak & Linen Stories", "stories.oakandlinen.example", 0.08,
                  ("makeovers", "how-to", "interviews")),
        SiteFacts("oak_de", "Oak & Linen DE", "de.oakandlinen.example", 0.07, _SHOP,
                  declares_consent=False),
    ),
    tags=(
        Tag("tealium", fires=0.8),
        Tag("selligent", sampled=0.95, fires=0.65),
        Tag("supermetrics", sites=("oak_nl", "oak_be", "oak_garden"), sampled=0.9, fires=0.6),
        Tag("spotler", sites=("oak_nl", "oak_be", "oak_outlet"), fires=0.7),
        Tag("weborama", sampled=0.85, fires=0.6),
        Tag("mediarithmics", sites=("oak_nl", "oak_be", "oak_garden"), fires=0.6),
        Tag("snowplow", sampled=0.95, fires=0.7),
        Tag("piano", sites=("oak_nl", "oak_be", "oak_stories"), sampled=0.95, fires=0.6,
            code="PO_k3v9x2qa"),
        Tag("permutive", sites=("oak_nl", "oak_be", "oak_stories"), sampled=0.65, fires=0.6),
    ),
    crm_share=0.70,
    visits_a_day=0.068,
    pages_a_visit=1.5,
    login_rate=0.24,
    mails_on=1,
)  # fmt: skip

TRAVEL = Company(
    client_id="farwater",
    name="Farwater Travel",
    record_prefix="FW",
    host="collect.farwater.example",
    sites=(
        SiteFacts("far_main", "Farwater", "www.farwater.example", 0.50,
                  ("beach", "mountains", "trains", "last-minute")),
        SiteFacts("far_cruise", "Farwater Cruises", "cruises.farwater.example", 0.20,
                  ("fjords", "islands", "rivers")),
        SiteFacts("far_city", "Farwater Cities", "cities.farwater.example", 0.20,
                  ("lisbon", "ghent", "porto", "malmo"), declares_consent=False),
        SiteFacts("far_blog", "Farwater Journal", "journal.farwater.example", 0.10,
                  ("packing", "food", "families")),
    ),
    tags=(
        Tag("tealium", fires=0.7),
        Tag("spotler", sites=("far_main", "far_cruise"), fires=0.7),
        Tag("mediarithmics", sampled=0.8, fires=0.6),
        Tag("snowplow", fires=0.7),
    ),
    crm_share=0.22,
    visits_a_day=0.05,
    pages_a_visit=1.8,
    login_rate=0.25,
    mails_on=3,
)  # fmt: skip

NEWS = Company(
    client_id="ochtendblad",
    name="Ochtendblad Media",
    record_prefix="OM",
    host="collect.ochtendblad.example",
    sites=(
        SiteFacts("och_news", "Ochtendblad", "www.ochtendblad.example", 0.55,
                  ("politics", "economy", "world", "opinion", "culture")),
        SiteFacts("och_sport", "Ochtendblad Sport", "sport.ochtendblad.example", 0.30,
                  ("football", "cycling", "skating")),
        SiteFacts("och_puzzles", "Ochtendblad Puzzles", "puzzles.ochtendblad.example", 0.15,
                  ("crossword", "sudoku"), declares_consent=False, has_pixel=False),
    ),
    tags=(
        Tag("permutive", fires=0.6),
        Tag("piano", sampled=0.95, fires=0.65, code="PO_m7t4w8ze"),
        Tag("weborama", sites=("och_news", "och_sport"), sampled=0.9, fires=0.6),
    ),
    crm_share=0.33,
    visits_a_day=0.068,
    pages_a_visit=1.8,
    login_rate=0.25,
    mails_on=None,
)  # fmt: skip

COMPANIES = (RETAILER, TRAVEL, NEWS)

BAKED_FOR = (RETAILER, TRAVEL)
"""The companies for which the publisher's log-ins are evidence."""

LISTS: dict[str, tuple[str, str, UploadEvery | None]] = {
    "00001": (RETAILER.client_id, "Web shop customers", "day"),
    "00002": (RETAILER.client_id, "Loyalty cards", "week"),
    "00003": (TRAVEL.client_id, "Travellers", "week"),
    "00004": (NEWS.client_id, "Subscribers", None),
}
"""list_id → client, name and how often it says it uploads; news has not said."""
