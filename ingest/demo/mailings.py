"""Weekly mailings: clicks and read-online calls by people, by forwarded-to people, by scanners."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ingest.demo.agents import SCANNERS
from ingest.demo.calls import END_OF_DAY, Calls, delays
from ingest.demo.cast import Cast
from ingest.demo.companies import Company
from ingest.demo.devices import AGENTS, ALLOWED, FIRST_SCANNER, addresses
from ingest.demo.hardness import CLICKS_BY_SCANNERS, CLICKS_FORWARDED, SCANNERS_IN_DISGUISE
from ingest.demo.pages import draw_pages, draw_seconds, site_weights
from ingest.demo.people import Records
from ingest.demo.randomness import (
    Flags,
    Ints,
    Texts,
    generator,
    hex_ids,
    mixed,
    quota,
    share_of,
    texts,
)
from ingest.demo.register import approved_from
from ingest.demo.truth_files import Evidence
from matchbook.links import sign_link

CLICK_RATE = 0.055
READ_RATE = 0.012
"""Of an average contact, per mailing."""

ANSWER_DAYS = (0.62, 0.22, 0.11, 0.05)
"""How many click on the day of the mailing and on each day after."""

SENT_AT = 8 * 3600
CONSENTING = 0.86
"""Of the contacts, agreed that their clicks may be linked."""

HUMAN, FORWARDED, SCANNER, DISGUISED = 0, 1, 2, 3


@dataclass(frozen=True)
class Answers:
    """Answers to one mailing (clicks or reads), as columns; a scanner has no browser."""

    origin: Ints
    browser: Ints
    person: Ints
    contact: Ints
    day: Ints
    at: Ints
    number: Ints
    """Tells the scanners of a mailing apart."""

    def take(self, chosen: Ints | Flags) -> Answers:
        """Some of the answers."""
        return Answers(**{name: values[chosen] for name, values in vars(self).items()})


@dataclass(frozen=True)
class MailDay:
    """What a day's mail traffic brings."""

    calls: list[Calls]
    evidence: list[Evidence]
    landings: tuple[Ints, Ints, Ints]
    """Browser, person and second of the visits that begin with a click."""
    origins: Ints
    """Of each click, where it came from."""


def mail_day(cast: Cast, company: Company, day: int) -> MailDay:
    """All answers that arrive on a day, to any mailing of the last days."""
    calls, evidence, landings, origins = [], [], [], []
    for sent in range(max(0, day - len(ANSWER_DAYS) + 1), day + 1):
        if cast.options.date_of(sent).weekday() != company.mails_on:
            continue
        for kind in ("click", "read"):
            answers = _answers(cast, company, sent, kind)
            answers = answers.take(answers.day == day)
            made, proof = _calls(cast, company, answers, kind, sent, day)
            calls.append(made)
            evidence.append(proof)
            landings.append(answers.take(answers.browser >= 0))
            origins += [answers.origin] if kind == "click" else []
    empty = np.zeros(0, dtype=np.int64)
    return MailDay(
        calls,
        evidence,
        (
            np.concatenate([empty, *(a.browser for a in landings)]),
            np.concatenate([empty, *(a.person for a in landings)]),
            np.concatenate([empty, *(a.at for a in landings)]),
        ),
        np.concatenate([empty, *origins]),
    )


def _answers(cast: Cast, company: Company, sent: int, kind: str) -> Answers:
    """Every answer a mailing will ever get."""
    chance = generator(cast.options.seed, sent, f"mailing {company.client_id} {kind}")
    records = cast.people.records[company.client_id]
    records = records.take(
        (records.contact >= 0) & (records.created_day < sent) & (records.left_day > sent)
    )
    people = _by_people(cast, chance, records, sent, kind)
    if kind == "read":
        return people
    scanners = _by_scanners(chance, records, sent, len(people.at))
    return Answers(
        **{n: np.concatenate([values, vars(scanners)[n]]) for n, values in vars(people).items()}
    )


def _by_people(
    cast: Cast, chance: np.random.Generator, records: Records, sent: int, kind: str
) -> Answers:
    people = cast.people
    rate = (CLICK_RATE if kind == "click" else READ_RATE) * people.keenness[records.person]
    answering = (chance.random(len(rate)) < rate) & (records.person < people.n_online)
    records = records.take(answering)
    size = len(records.person)
    person = records.person.copy()
    forwarded = np.zeros(size, dtype=np.bool_)
    if kind == "click":
        # The share is of all clicks, scanners' included.
        forwarded = quota(chance, size, CLICKS_FORWARDED / (1 - CLICKS_BY_SCANNERS))
        person[forwarded] = chance.integers(0, people.n_online, int(forwarded.sum()))
    second = cast.browsers.second_of[person]
    on_second = (second >= 0) & (chance.random(size) < 0.35)
    later = chance.choice(len(ANSWER_DAYS), size, p=ANSWER_DAYS)
    minutes = SENT_AT + chance.exponential(3 * 3600, size).astype(np.int64)
    return Answers(
        origin=np.where(forwarded, FORWARDED, HUMAN),
        browser=np.where(on_second, second, person),
        person=person,
        contact=records.contact,
        day=sent + later,
        at=np.where(later == 0, np.minimum(minutes, END_OF_DAY), draw_seconds(chance, size)),
        number=np.zeros(size, dtype=np.int64),
    )


def _by_scanners(chance: np.random.Generator, records: Records, sent: int, clicks: int) -> Answers:
    size = math.ceil(clicks * CLICKS_BY_SCANNERS / (1 - CLICKS_BY_SCANNERS))
    size = min(size, len(records.contact))
    records = records.take(chance.permutation(len(records.contact))[:size])
    disguised = np.arange(size) < math.ceil(size * SCANNERS_IN_DISGUISE)
    # Open scanners fetch a dozen links within seconds; the others take hours, and most
    # forget their cookie after every mail.
    burst = SENT_AT + 20 + (np.arange(size) // 12) * 60 + np.arange(size) % 12
    hidden = SENT_AT + chance.integers(300, 8 * 3600, size)
    forgetful = chance.random(size) < 0.7
    number = np.where(disguised, np.where(forgetful, np.arange(size), np.arange(size) // 3),
                      1_000_000 + np.arange(size) // 12)  # fmt: skip
    nobody = np.full(size, -1, dtype=np.int64)
    return Answers(
        origin=np.where(disguised, DISGUISED, SCANNER),
        browser=nobody,
        person=nobody,
        contact=records.contact,
        day=np.full(size, sent, dtype=np.int64),
        at=np.where(disguised, hidden, burst),
        number=number + 10_000_000 * sent,
    )


def _calls(
    cast: Cast, company: Company, answers: Answers, kind: str, sent: int, day: int
) -> tuple[Calls, Evidence]:
    chance = generator(cast.options.seed, day, f"answers {company.client_id} {kind} {sent}")
    size = len(answers.at)
    consents = share_of("mail consent", answers.contact) < CONSENTING
    uri = _uris(cast, company, chance, answers, kind, sent, consents)
    refusal = _refusals(cast, company, kind, day, answers.at, consents)
    human = answers.browser >= 0
    browser = np.where(human, answers.browser, 10_000_000_000 + answers.number)
    scanner_agent = FIRST_SCANNER + answers.number % len(SCANNERS)
    ordinary_agent = (mixed("disguise", answers.number) % np.uint64(len(AGENTS))).astype(np.int64)
    calls = Calls(
        at=answers.at,
        uri=texts(uri),
        fields=texts([""] * size),
        referrer=texts([""] * size),
        agent=np.where(
            human,
            cast.browsers.agent[np.maximum(answers.browser, 0)],
            np.where(answers.origin == DISGUISED, ordinary_agent, scanner_agent),
        ),
        address=addresses(browser),
        visitor=_visitors(cast, company, answers, day),
        refusal=refusal,
        delay=delays(chance, size),
    )
    has_cookie = np.asarray(calls.visitor != "", dtype=np.bool_)
    proof = Evidence(company.client_id, "contact", calls.visitor[has_cookie],
                     answers.contact[has_cookie], calls.delay[has_cookie],
                     refusal[has_cookie])  # fmt: skip
    return calls, proof


def _uris(
    cast: Cast,
    company: Company,
    chance: np.random.Generator,
    answers: Answers,
    kind: str,
    sent: int,
    consents: Flags,
) -> list[str]:
    """Signed links, as the CEP writes them into its mails."""
    message = f"m{cast.options.date_of(sent):%Y%m%d}"
    site = chance.choice(len(company.sites), len(answers.at), p=site_weights(company))
    plain, quoted = draw_pages(chance, company, site)
    out = []
    for contact, target, u, consent in zip(
        answers.contact.tolist(), plain, quoted, consents.tolist(), strict=True
    ):
        target = target if kind == "click" else ""
        sig = sign_link(cast.keys.links, kind=kind, client_id=company.client_id,
                        contact=str(contact), message=message, target=target)  # fmt: skip
        landing = f"&u={u}" if kind == "click" else ""
        out.append(
            f"/bakery/{kind}?client={company.client_id}&contact={contact}&message={message}"
            f"{landing}&consent={int(consent)}&sig={sig}"
        )
    return out


def _visitors(cast: Cast, company: Company, answers: Answers, day: int) -> Texts:
    human = np.flatnonzero(answers.browser >= 0)
    visitor = texts(hex_ids("gateway", 32, cast.options.seed, answers.number))
    visitor[human] = cast.visitor_ids(answers.browser[human], day)
    allowed = cast.permission(company, answers.browser[human], day) == ALLOWED
    visitor[human[~allowed]] = ""
    return visitor


def _refusals(
    cast: Cast,
    company: Company,
    kind: str,
    day: int,
    at: Ints,
    consents: Flags,
) -> Texts:
    approved = approved_from(cast.options, company.client_id, kind)
    refusal = texts(["" if yes else "no_consent" for yes in consents])
    if approved is None or approved.date() > cast.options.date_of(day):
        refusal[:] = "switch_off"
    elif approved.date() == cast.options.date_of(day):
        refusal[at < approved.hour * 3600] = "switch_off"
    return refusal
