"""The opt-out page: it says what happens and what is so now, and has one button.

Looking at it changes nothing, so that no prefetcher and no mail scanner opts a person out;
the button sends a POST. It sets the opt-out cookie, deletes ours and writes a withdrawal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.collector import cookies
from ingest.collector.addresses import host_name
from ingest.collector.answers import Answer, json_answer, page, redirect
from ingest.collector.hits import Hit
from ingest.collector.optout_words import LANGUAGES, WORDS, document
from ingest.collector.tracking import track

if TYPE_CHECKING:
    from ingest.collector.calls import Call
    from ingest.collector.collector import Collector

PATH = "/bakery/optout"
GPC_SINCE = "2026-11-22"
"""When what we say about Global Privacy Control last changed."""


def optout(collector: Collector, call: Call) -> Answer:
    """GET shows the page; POST opts this browser out, with `erase=1` has what is stored about it
    erased too, with `undo=1` opts it in again."""
    language = language_of(call)
    if call.method != "POST":
        return _shown(call, language)
    if call.parameters.get("undo") == "1":
        return _undo(call, language)
    return _opt_out(collector, call, language)


def gpc_support(collector: Collector, call: Call) -> Answer:
    """GET /.well-known/gpc.json: Sec-GPC is honoured. partners.md 3.6."""
    return json_answer({"gpc": True, "lastUpdate": GPC_SINCE})


def language_of(call: Call) -> str:
    """What `lang` says, else the first of the browser's languages that we have, else English."""
    chosen = call.parameters.get("lang", "")
    if chosen in LANGUAGES:
        return chosen
    wanted = []
    for place, part in enumerate(call.accept_language.replace("\n", ",").split(",")):
        tag, _, weight = part.strip().lower().partition(";q=")
        wanted.append((-_weight(weight), place, tag.partition("-")[0]))
    return next((name for q, _, name in sorted(wanted) if name in LANGUAGES and q < 0), "en")


def _weight(text: str) -> float:
    try:
        return float(text or "1")
    except ValueError:
        return 0.0


def _shown(call: Call, language: str) -> Answer:
    if call.opted_out:
        status = "out"
    elif "done" in call.parameters:
        status = "forgets"
    else:
        status = "gpc" if call.gpc else "in"
    return page(200, WORDS[language]["title"], document(language, status), lang=language)


def _opt_out(collector: Collector, call: Call, language: str) -> Answer:
    """Anybody may send a person here to opt out: it is never refused."""
    done = f"{PATH}?lang={language}&done=1"
    erases = call.parameters.get("erase") == "1"
    track(collector, call, Hit(type="withdraw", erases=erases), declared=False)
    answer = _see_other(done, *cookies.opt_out(), *cookies.deletion())
    # Without a withdrawal on the disk our cookie stays, and the next call withdraws it.
    answer.if_lost = _see_other(done, *cookies.opt_out())
    return answer


def _undo(call: Call, language: str) -> Answer:
    """Only from our own page: no other site may take an opt-out back."""
    origin = call.origin.partition("://")[2]
    if host_name(origin) != call.host:
        words = WORDS[language]
        return page(403, words["title"], words["undo_refused"], lang=language)
    return _see_other(f"{PATH}?lang={language}", *cookies.opt_in())


def _see_other(location: str, *values: str) -> Answer:
    answer = redirect(location, *values)
    answer.status = 303
    return answer
