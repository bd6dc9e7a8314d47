"""The four logs of the demo world: which host writes what, in which form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from ingest.demo.calls import Calls, joined
from ingest.demo.cast import Cast
from ingest.demo.companies import NEWS, PUBLISHER_HOST, RETAILER, TRAVEL, Company
from ingest.demo.devices import ALLOWED, PRIVACY_SIGNAL, REFUSED
from ingest.demo.log_lines import Formatter, combined_lines, json_lines, segment_lines
from ingest.demo.logins import bakes, identifies
from ingest.demo.mailings import mail_day
from ingest.demo.randomness import generator, texts
from ingest.demo.syncs import syncs
from ingest.demo.truth_files import TruthWriter
from ingest.demo.visits import Visits, draw_visits, events, made_calls, page_views

OPT_OUTS = 0.0006
"""Of visits, end with the browser opting out."""


@dataclass(frozen=True)
class Stream:
    """One host's log."""

    company: Company
    host: str
    form: str
    """combined | json | segment."""
    file_name: str
    """`{}` stands for its day or days."""
    format: Formatter
    calls: Callable[[Cast, int, TruthWriter], Calls]


def _company_calls(company: Company) -> Callable[[Cast, int, TruthWriter], Calls]:
    return partial(_calls_at, company)


def _calls_at(company: Company, cast: Cast, day: int, truth: TruthWriter) -> Calls:
    mail = mail_day(cast, company, day)
    visits = draw_visits(cast, company, day, mail.landings)
    if company is RETAILER:  # its tag asks the browser first and stays silent
        visits = visits.take(visits.permission != PRIVACY_SIGNAL)
    agreed = visits.take(visits.permission != REFUSED)
    logins, proof = identifies(cast, company, day, agreed)
    batches = [
        page_views(cast, company, day, agreed),
        events(cast, company, day, agreed),
        logins,
        *syncs(cast, company, day, visits),
        *mail.calls,
        _opt_outs(cast, company, day, agreed, truth),
    ]
    truth.add_uses(day, visits.browser, visits.visitor, visits.person)
    truth.add_evidence(day, [*proof, *mail.evidence])
    truth.add_clicks(day, company.client_id, mail.origins)
    return joined(batches)


def _opt_outs(cast: Cast, company: Company, day: int, visits: Visits, truth: TruthWriter) -> Calls:
    chance = generator(cast.options.seed, day, f"opt-outs {company.client_id}")
    some = visits.take((chance.random(len(visits)) < OPT_OUTS) & (visits.permission == ALLOWED))
    size = len(some)
    fields = np.empty(size, dtype=np.object_)
    fields[:] = [{"type": "withdraw", "site": None}] * size
    truth.add_withdrawals(day, some.visitor)
    return made_calls(cast, chance, some, texts(["/bakery/optout"] * size), fields,
                      referrer=texts([""] * size), after=300,
                      refusal=texts(["opted_out"] * size))  # fmt: skip


def _publisher_calls(cast: Cast, day: int, truth: TruthWriter) -> Calls:
    calls, proof, visits = bakes(cast, day)
    truth.add_uses(day, visits.browser, visits.visitor, visits.person)
    truth.add_evidence(day, proof)
    return joined([calls])


STREAMS = (
    Stream(RETAILER, RETAILER.host, "combined", "access-{}.log.gz", combined_lines,
           _company_calls(RETAILER)),
    Stream(TRAVEL, TRAVEL.host, "json", "pixel-{}.json.zst", json_lines, _company_calls(TRAVEL)),
    Stream(NEWS, NEWS.host, "segment", "segment-{}.jsonl.gz", segment_lines, _company_calls(NEWS)),
    Stream(RETAILER, PUBLISHER_HOST, "combined", "access-{}.log",
           partial(combined_lines, cookie_form="mbid={}"), _publisher_calls),
)  # fmt: skip
