"""Twenty realistic audiences, each with the SQL somebody who knows DuckDB would write for it.

`reads` says what decides its speed: the wide table, sums per day, or single hits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from matchbook.audiences import Definition, of

WIDE, DAYS, HITS = "wide table", "day sums", "single hits"


@dataclass(frozen=True)
class Question:
    """An audience, and the hand-written count of it: people and reachable contacts."""

    name: str
    reads: str
    definition: Definition
    by_hand: str


def did(what: str, days: int, at_least: int = 1, **more: Any) -> dict[str, Any]:
    """A condition; texts in `more` are compared whole, pairs are (operator, text)."""
    rest = {k: more.pop(k) for k in ("when", "counted") if k in more}
    return {
        "kind": "did",
        "action": action(what, **more),
        "days": days,
        "at_least": at_least,
        **rest,
    }


def action(what: str, **narrowed: Any) -> dict[str, Any]:
    """What is done, narrowed."""
    matches = {
        name: {"value": m}
        if isinstance(m, str)
        else dict(zip(("operator", "value"), m, strict=True))
        for name, m in narrowed.items()
    }
    return {"what": what, **matches}


def all_of(*of: Any) -> dict[str, Any]:
    return {"kind": "all", "of": list(of)}


def any_of(*of: Any) -> dict[str, Any]:
    return {"kind": "any", "of": list(of)}


def no(of: Any) -> dict[str, Any]:
    return {"kind": "not", "of": of}


def crm(name: str, **test: Any) -> dict[str, Any]:
    return {"kind": "attribute", "name": name, "test": test}


def text(name: str, value: str) -> dict[str, Any]:
    return crm(name, type="text", match={"value": value})


def total(of: str, at_least: int) -> dict[str, Any]:
    return {"kind": "total", "of": of, "at_least": at_least}


MATCHED = {"kind": "is", "what": "matched"}
REACHABLE = {"kind": "is", "what": "cep_reachable"}
MOBILE = {"kind": "uses", "what": "device_type", "match": {"value": "mobile"}}
LAPSED = no({"kind": "since", "what": "last_seen", "days": 30})

COUNT = (
    "with chosen as materialized (select member_key from people where not is_suppressed and {}) "
    "select (select count(*) from chosen), (select count(distinct cep_contact_id) "
    "from cep_contacts join members using (visitor_key) "
    "where is_reachable and member_key in (from chosen))"
)
SINCE = "hit_date between date '2026-11-18' - {} and date '2026-11-18'"


def browsers(condition: str, days: int, table: str = "visitor_actions") -> str:
    """Members with a browser that did it in the last days."""
    return (
        "member_key in (select member_key from members where visitor_key in "
        f"(select visitor_key from {table} where {condition} and {SINCE.format(days)}))"
    )


def often(condition: str, days: int, least: int, table: str = "visitor_actions") -> str:
    """Members whose browsers together did it so many times."""
    hits = "sum(hits)" if table == "visitor_actions" else "count(*)"
    return (
        f"member_key in (select member_key from (select visitor_key, {hits} as n from {table} "
        f"where {condition} and {SINCE.format(days)} group by visitor_key) join members "
        f"using (visitor_key) group by member_key having sum(n) >= {least})"
    )


def attribute(condition: str) -> str:
    return f"member_key in (select member_key from people_attributes where {condition})"


def then(first: str, second: str, days: int, hours: int) -> str:
    """Members with a second thing after a first thing, within so many hours."""
    return (
        "member_key in (select member_key from (select member_key, hit_at, b, "
        "max(case when a then hit_at end) over (partition by member_key order by hit_at "
        "rows between unbounded preceding and 1 preceding) as a_at from "
        "(select member_key, hit_at, bool_or(a) as a, bool_or(b) as b from "
        f"(select visitor_key, hit_at, {first} as a, {second} as b from visitor_hits where "
        f"({first} or {second}) and {SINCE.format(days)}) join members using (visitor_key) "
        f"group by member_key, hit_at)) where b and hit_at - a_at <= interval {hours} hour)"
    )


MOBILE_SQL = "member_key in (select member_key from visitors where last_device_type = 'mobile')"
LAPSED_SQL = "last_seen_at < date '2026-11-18' - 30"
PIANO_SQL = (
    "member_key in (select member_key from people_partners where partner_id = 'piano' "
    "and last_seen_at >= date '2026-11-18' - 30)"
)
CLICK_SQL = "hit_type = 'click'"
S3_SQL = "hit_type = 'page_view' and section = 's3'"
BUY_SQL = "hit_type = 'event' and event_name = 'purchase'"
DAYS_SQL = (
    "member_key in (select member_key from (select distinct visitor_key, hit_date from "
    f"visitor_actions where hit_type = 'page_view' and site_id = 'shop-be' and {SINCE.format(60)}) "
    "join members using (visitor_key) group by member_key having count(distinct hit_date) >= 3)"
)
WEEKEND_SQL = (
    "hit_type = 'page_view' and (extract('isodow' from hit_at) >= 6) and hour(hit_at) >= 18"
)

LATELY = [did("visited", 30, 2, section="s3")]
ASKED: tuple[tuple[str, str, dict[str, Any], str], ...] = (
    ("new contacts", WIDE, {"kind": "since", "what": "uploaded", "days": 30},
     "uploaded_at >= date '2026-11-18' - 30"),
    ("lapsed contacts", WIDE, all_of(MATCHED, LAPSED), f"is_matched and {LAPSED_SQL}"),
    ("reachable and clicking", WIDE, all_of(REACHABLE, total("clicks", 3)),
     "is_cep_reachable and clicks >= 3"),
    ("mobile in one city", WIDE, all_of(MOBILE, text("city", "city 7")),
     f"{MOBILE_SQL} and " + attribute("attribute = 'city' and value = 'city 7'")),
    ("good customers without newsletter", WIDE,
     all_of(crm("orders", type="number", at_least=5), crm("vip", type="boolean", value=True),
            no(crm("newsletter", type="boolean", value=True))),
     attribute("attribute = 'orders' and value_number >= 5") + " and "
     + attribute("attribute = 'vip' and value_boolean") + " and not "
     + attribute("attribute = 'newsletter' and value_boolean")),
    ("at a partner and matched", WIDE,
     all_of(MATCHED, {"kind": "seen_by", "partner": "piano", "days": 30}),
     f"is_matched and {PIANO_SQL}"),
    ("active in two countries", WIDE,
     all_of(any_of(text("country", "nl"), text("country", "be")), total("days_active", 5)),
     "days_active >= 5 and " + attribute("attribute = 'country' and value in ('nl', 'be')")),
    ("clicked or read lately", DAYS, did("clicked_or_read", 30),
     browsers("hit_type in ('click', 'read')", 30)),
    ("clicked one message", DAYS, did("clicked", 90, message="m7"),
     browsers("hit_type = 'click' and message_id = 'm7'", 90)),
    ("visited a section twice", DAYS, did("visited", 30, 2, section="s3"), often(S3_SQL, 30, 2)),
    ("visited but never clicked", DAYS,
     all_of(did("visited", 90, section="s3"), no(did("clicked", 90))),
     f"{browsers(S3_SQL, 90)} and not {browsers(CLICK_SQL, 90)}"),
    ("bought", DAYS, did("event", 90, event="purchase"), browsers(BUY_SQL, 90)),
    ("cart without purchase", DAYS,
     all_of(did("event", 30, event="add_to_cart"), no(did("event", 30, event="purchase"))),
     browsers("hit_type = 'event' and event_name = 'add_to_cart'", 30)
     + f" and not {browsers(BUY_SQL, 30)}"),
    ("three days on a site", DAYS, did("visited", 60, 3, counted="days", site="shop-be"), DAYS_SQL),
    ("often in sections that start alike", DAYS,
     did("visited", 90, 5, section=("starts_with", "s1")),
     often("hit_type = 'page_view' and starts_with(section, 's1')", 90, 5)),
    ("section and mobile or searching", DAYS,
     all_of(did("visited", 30, section="s3"), any_of(MOBILE, did("event", 30, event="search"))),
     f"{browsers(S3_SQL, 30)} and ({MOBILE_SQL} or "
     + browsers("hit_type = 'event' and event_name = 'search'", 30) + ")"),
    ("page twice", HITS, did("visited", 30, 2, page=("contains", "/p11")),
     often("hit_type = 'page_view' and contains(page_path, '/p11')", 30, 2, "visitor_hits")),
    ("page, not clicked", HITS,
     all_of(did("visited", 90, page=("starts_with", "/s3/p4")), no(did("clicked", 90))),
     browsers("hit_type = 'page_view' and starts_with(page_path, '/s3/p4')", 90, "visitor_hits")
     + f" and not {browsers(CLICK_SQL, 90)}"),
    ("section, then bought within two days", HITS,
     {"kind": "sequence", "first": action("visited", section="s3"),
      "then": action("event", event="purchase"), "within_hours": 48, "days": 30},
     then(f"({S3_SQL})", f"({BUY_SQL})", 30, 48)),
    ("weekend evenings", HITS,
     did("visited", 30, 2, when={"weekdays": [5, 6], "from_hour": 18}),
     often(WEEKEND_SQL, 30, 2, "visitor_hits")),
)  # fmt: skip

QUESTIONS = tuple(
    Question(name, reads, of(name=name, enter=enter), COUNT.format(by_hand))
    for name, reads, enter, by_hand in ASKED
)
