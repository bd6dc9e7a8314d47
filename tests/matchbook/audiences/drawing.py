"""Hypothesis strategies: random stages and random definitions over a small alphabet, so that
most conditions hold for somebody and not for everybody."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.matchbook.audiences.worlds import AS_OF, COUNTED, LOOKS, Browser, Hit, Person, Stage

OTHERS = ("other", "deeper", "kept")
SECTIONS = ("news", "news-nl", "shop", "50%_off'")
PATHS = ("/news/1", "/news/2", "/shop/pricing", "/50%_off'")
NAMES = ("add", "add_to_basket", "buy")
DAYS = st.integers(1, 40)
some = st.sampled_from


@st.composite
def stages(draw: Any) -> Stage:
    """Up to five people with up to eight browsers; each browser has a hit or more."""
    people = tuple(draw(_people(n)) for n in range(draw(st.integers(1, 5))))
    keys = [person.member_key for person in people]
    count = draw(st.integers(len(keys), 8))
    owners = [*keys, *(draw(some(keys)) for _ in range(count - len(keys)))]
    browsers = tuple(draw(_browsers(100 + n, owner)) for n, owner in enumerate(owners))
    hits = [draw(_hits(st.just(b.visitor_key))) for b in browsers]
    every = some([b.visitor_key for b in browsers])
    hits += draw(st.lists(_hits(every), max_size=25))
    hits += draw(st.lists(some(hits), max_size=5))  # equal lines are separate hits
    kept = draw(st.sets(some(keys)))
    return Stage(people, browsers, tuple(hits), tuple(("kept", key) for key in sorted(kept)))


MOMENTS = st.builds(
    lambda days, seconds: AS_OF - timedelta(days=days, seconds=seconds),
    st.integers(-1, 35),
    some((0, 1, 3599, 3600, 7200, 40_000, 86_399)),
)


def _hits(keys: st.SearchStrategy[int]) -> st.SearchStrategy[Hit]:
    maybe = st.none()
    return st.builds(
        Hit,
        visitor_key=keys,
        hit_at=MOMENTS,
        hit_type=some(("page_view", "page_view", "event", "click", "read", "identify", "sync")),
        site_id=maybe | some(("nl", "be")),
        section=maybe | some(SECTIONS),
        page_path=maybe | some(PATHS),
        event_name=maybe | some(NAMES),
        message_id=maybe | some(("m1", "m12")),
    )


def _browsers(key: int, owner: int) -> st.SearchStrategy[Browser]:
    looks = {name: st.none() | some(("mobile", "mobile safari")) for name in LOOKS}
    fixed = {"visitor_key": st.just(key), "member_key": st.just(owner)}
    return st.builds(Browser, contact=st.none() | st.integers(1, 6), **fixed, **looks)


@st.composite
def _people(draw: Any, number: int) -> Person:
    matched = draw(st.booleans())
    named = {
        "city": some(("Utrecht", "Utrecht-Oost", "")),
        "orders": some((0.0, 2.0, 2.5)),
        "born": some((date(1980, 1, 1), date(2001, 2, 28))),
        "vip": st.booleans(),
    }
    names = sorted(draw(st.sets(some(sorted(named))))) if matched else []
    partners = draw(st.lists(st.tuples(some(("piano", "weborama")), MOMENTS), max_size=2))
    return Person(
        member_key=draw(st.integers(0, 2**56 - 1) | st.integers(0, 2**51)) * 16 + number,
        crm_record_id=f"r{number}" if matched else None,
        has_cep_contact=draw(st.booleans()),
        is_cep_reachable=draw(st.booleans()),
        is_suppressed=draw(some((False, False, False, True))),
        uploaded_at=draw(MOMENTS) if matched else None,
        attributes=tuple((name, draw(named[name])) for name in names),
        partners=tuple(partners),
        lists=tuple(sorted(draw(st.sets(some(("vips", "old")))))) if matched else (),
    )


def _match(*values: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"operator": some(("equals", "starts_with", "contains")), "value": some(values)}
    )


@st.composite
def _actions(draw: Any) -> dict[str, Any]:
    what = draw(
        some(("visited", "event", "identified", "clicked", "read", "clicked_or_read", "called"))
    )
    fields: dict[str, Any] = {"what": what}
    options = {"site": _match("nl", "b"), "section": _match(*SECTIONS), "page": _match(*PATHS, "/")}
    if what == "event":
        options["event"] = _match(*NAMES)
    if what in ("clicked", "read", "clicked_or_read"):
        options["message"] = _match("m1", "m12")
    for name, strategy in options.items():
        if draw(some((False, False, True))):
            fields[name] = draw(strategy)
    return fields


@st.composite
def _moments(draw: Any) -> dict[str, Any]:
    start = draw(st.integers(0, 23))
    end = draw(st.integers(1, 24).filter(lambda hour: hour != start))
    weekdays = draw(st.sets(st.integers(0, 6), max_size=4))
    return {"weekdays": sorted(weekdays), "from_hour": start, "to_hour": end}


def conditions(others: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    """One condition; half of them ask what browsers did."""

    def kind(name: str, /, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
        return st.fixed_dictionaries({"kind": st.just(name), **fields})

    look_back = st.none() | DAYS
    did = kind(
        "did",
        action=_actions(),
        at_least=st.integers(1, 4),
        counted=some(("times", "days")),
        days=look_back,
        when=st.none() | _moments(),
    )
    sequence = kind(
        "sequence",
        first=_actions(),
        then=_actions(),
        within_hours=some((1, 2, 24, 24 * 30)),
        days=look_back,
    )
    simple = [
        kind("since", what=some(("first_seen", "last_seen", "uploaded")), days=DAYS),
        kind("total", of=some(("days_active", "hits", *COUNTED)), at_least=st.integers(1, 5)),
        kind("uses", what=some(LOOKS), match=_match("mobile", "safari")),
        kind("seen_by", partner=some(("piano", "weborama", "tealium")), days=look_back),
        kind("is", what=some(("matched", "cep_contact", "cep_reachable"))),
        kind("attribute", name=some(("city", "orders", "born", "vip", "none")), test=_tests()),
        kind("on_list", list=some(("vips", "old", "none"))),
        kind("in_share", percent=some((0.5, 30, 50.0, 100)), salt=some(("a", "b"))),
    ]
    if others:
        simple.append(kind("in_audience", audience=some(others)))
    return did | sequence | st.one_of(simple)


def _tests() -> st.SearchStrategy[dict[str, Any]]:
    days = st.dates(date(1979, 1, 1), date(2002, 1, 1)).map(date.isoformat)
    return st.one_of(
        st.fixed_dictionaries({"type": st.just("text"), "match": _match("Utrecht", "Oost")}),
        st.fixed_dictionaries({"type": st.just("number"), "at_least": some((0, 2, 2.5, 9.5))}),
        st.fixed_dictionaries({"type": st.just("number"), "at_most": some((-1, 2, 2.25))}),
        st.fixed_dictionaries({"type": st.just("date"), "not_before": days}),
        st.fixed_dictionaries({"type": st.just("date"), "not_after": days}),
        st.fixed_dictionaries({"type": st.just("boolean"), "value": st.booleans()}),
        st.just({"type": "known"}),
    )


def _trees(others: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    return st.recursive(
        conditions(others),
        lambda inner: st.one_of(
            st.builds(
                lambda of: {"kind": "all", "of": of}, st.lists(inner, min_size=1, max_size=3)
            ),
            st.builds(
                lambda of: {"kind": "any", "of": of}, st.lists(inner, min_size=1, max_size=3)
            ),
            st.builds(lambda of: {"kind": "not", "of": of}, inner),
        ),
        max_leaves=6,
    )


def definitions(others: tuple[str, ...] = OTHERS) -> st.SearchStrategy[dict[str, Any]]:
    """The fields of a definition that may refer to `others`."""
    return st.fixed_dictionaries(
        {
            "name": st.just("drawn"),
            "look_back_days": DAYS,
            "count_each_browser": st.booleans(),
            "enter": _trees(others),
            "leave": st.none() | _trees(others),
        }
    )


def moments() -> st.SearchStrategy[datetime]:
    """Moments of a year, to the second."""
    return st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)).map(
        lambda moment: moment.replace(microsecond=0)
    )
