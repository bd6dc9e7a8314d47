"""Erasing persons, store by store: what has to be known is noted before the first byte changes.

In this order: what partners were told and how much there is of each person; what is stored for and
about partners, audiences and decisions; the lake; then the warehouse anew from the lake, published
alone; last what the requests themselves hold, of which only HMACs stay. Killed anywhere, the next
night, or `matchbook privacy run`, does it all once more and finds less.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from matchbook import audit, decisions, registry, runs
from matchbook.cli import inputs
from matchbook.cli.build import Build
from matchbook.clock import utc_naive
from matchbook.erasure import requests, tombstones
from matchbook.erasure.people import Person
from matchbook.erasure.requests import Request
from matchbook.failpoints import failpoint
from matchbook.jobs import Job
from matchbook.keys import load_keys
from matchbook.settings import Settings

Say = Callable[[str], None]

CEP = "mapp_cep"

RESTS = timedelta(days=7)
"""From a request to the erasing, so that partners who fetch files find the one that removes."""
LATEST = timedelta(days=25)
"""Then nobody is waited for any more: a partner that was not reached is named as such."""


def trace_new(settings: Settings) -> None:
    """Look up who else it is that new requests name, and hold them too."""
    new = requests.untraced(settings)
    if new:
        _trace(settings, new)


def trace_job(settings: Settings, _: Job, say: Say) -> dict[str, Any]:
    """The job that a page asks for after `requests.ask`."""
    say("Looking up who else that is")
    new = len(requests.untraced(settings))
    trace_new(settings)
    return {"requests": new}


def due(settings: Settings, *, at_once: bool = False) -> list[Request]:
    """Erasures that can be done now: every partner has taken the removals, or time is up.

    `at_once`: without the days in which partners may fetch their files.
    """
    now = utc_naive(settings.clock.now())
    waits = waited_for(settings)
    found = []
    for request in requests.open_erasures(settings):
        age = now - request.asked_at
        is_told = (at_once or age >= RESTS) and not waits[request.request_id]
        if request.status == "erasing" or is_told or age >= LATEST:
            found.append(request)
    return found


def waited_for(settings: Settings) -> dict[int, list[str]]:
    """By open erasure the partners that have yet to take its removals; CEP is among them."""
    from exporters.erasing import waiting
    from matchbook.pushes import partner_forgetting
    from matchbook.pushes.forgetting import still_holds

    found: dict[int, list[str]] = {}
    open_ones = [_person(settings, request) for request in requests.open_erasures(settings)]
    for client_id, persons in _by_client(open_ones):
        found |= waiting(settings, client_id, {p.number: p.of("record") for p in persons})
        for person in persons:
            audiences = partner_forgetting.holders(settings, client_id, _held_as(person))
            found[person.number] = sorted({*found[person.number], *audiences})
            if still_holds(settings, client_id, person.contacts):
                found[person.number].append(CEP)
    return found


def resume(settings: Settings, run: runs.Recorder, *, say: Say = lambda _: None) -> list[Request]:
    """Complete erasures that were cut short after the lake was rewritten, before anything else."""
    requests.close(settings)
    cut_short = [r for r in requests.open_erasures(settings) if r.status == "erasing"]
    return erase(settings, cut_short, run, say=say)


def erase(
    settings: Settings, due: Sequence[Request], run: runs.Recorder, *, say: Say = lambda _: None
) -> list[Request]:
    """Erase these persons, under the caller's run lock; the requests as they are done."""
    if not due:
        return []
    run.step("erase")
    persons = _leave(settings, due, say)
    say("Erasing: rewriting the lake")
    _rewrite(settings, persons)
    for request in due:
        requests.note(settings, request.request_id, status="erasing")
    failpoint("erase.lake_rewritten")
    made = remade(settings, run, say)
    failpoint("erase.published")
    for request in due:
        requests.finish(settings, request)
        audit.record(settings, actor=request.asked_by, client_id=request.client_id,
                     action="privacy_erased", subjects=1)  # fmt: skip
    failpoint("erase.finished")
    requests.close(settings)
    # What is gone from the list of suppressions was not in the build either.
    inputs.remember(settings, inputs.current(settings), made.invocation_id)
    return [requests.get(settings, request.request_id) for request in due]


def remade(settings: Settings, run: runs.Recorder, say: Say) -> Build:
    """The warehouse anew from the lake, published alone, audiences with it."""
    from matchbook.cli.audiences import refresh_all
    from matchbook.cli.rebuild import remake

    _, made = remake(
        settings, run, lambda done, total: say(f"Erasing: building {done}/{total}"), alone=True
    )
    run.step("audiences")
    refresh_all(settings, say)
    return made


def as_data(request: Request) -> dict[str, Any]:
    """A request for `--json` and job results: numbers, and nobody in it."""
    return asdict(request)


def _trace(settings: Settings, asked: Sequence[Request]) -> None:
    from ingest.erasing.tracing import trace

    named = [_person(settings, request, only_named=True) for request in asked]
    found = trace(settings, registry.current(settings), load_keys(settings.keys), named)
    for request in asked:
        requests.add_found(settings, request, _kept(request, found[request.request_id]))


def _kept(request: Request, found: set[requests.Subject]) -> list[requests.Subject]:
    """Who opted out is held as a person; its browsers say for themselves what they allow."""
    if request.kind == "erasure":
        return sorted(found)
    return sorted((kind, subject) for kind, subject in found
                  if kind in ("record", "identifier", "cep_contact"))  # fmt: skip


def _person(settings: Settings, request: Request, *, only_named: bool = False) -> Person:
    subjects = requests.subjects_of(settings, request, only_named=only_named)
    return Person(request.request_id, request.client_id, tuple(subjects))


def _note(settings: Settings, due: Sequence[Request], persons: Sequence[Person]) -> None:
    """Once, while everything is still there: a run that was cut short has noted it already."""
    from ingest.erasing.rewriting import counts

    new = {request.request_id for request in due if request.counts is None}
    unknown = [person for person in persons if person.number in new]
    if not unknown:
        return
    in_lake = counts(settings, registry.current(settings), tombstones.load(settings), unknown)
    for client_id, own in _by_client(unknown):
        for number, (stored, partners) in _surveyed(settings, client_id, own, due).items():
            found = in_lake[number] | stored
            requests.note(settings, number, counts=found, partners=partners)


def _surveyed(
    settings: Settings, client_id: str, persons: Sequence[Person], due: Sequence[Request]
) -> dict[int, tuple[dict[str, int], list[dict[str, Any]]]]:
    """By person how much there is beside the lake, and what partners were told."""
    from exporters.erasing import survey
    from matchbook.kept_audiences import forgetting
    from matchbook.pushes import forgetting as pushes
    from matchbook.pushes import partner_forgetting

    since = min(r.asked_at for r in due if r.client_id == client_id)
    records = {p.number: p.of("record") for p in persons}
    out = survey(settings, registry.current(settings), client_id, records, since)
    places = {p.number: (p.of("record"), p.member_keys) for p in persons}
    audiences = forgetting.count(settings, client_id, places)
    found = {}
    for person in persons:
        stored, told = out[person.number]
        partners = [asdict(one) | {"at": one.at and one.at.isoformat()} for one in told]
        entries = pushes.count(settings, client_id, person.contacts)
        if entries:
            is_late = pushes.still_holds(settings, client_id, person.contacts)
            how = "not_reached" if is_late else "removed"
            partners.append({"partner_id": CEP, "how": how, "pairs": 0, "at": None})
        held_as = _held_as(person)
        _name_late(partners, partner_forgetting.holders(settings, client_id, held_as))
        at_partners = partner_forgetting.count(settings, client_id, held_as)
        pushed = {"cep_pushes": entries, "partner_audiences": at_partners}
        counts = stored | audiences[person.number] | pushed
        found[person.number] = (counts, partners)
    return found


def _held_as(person: Person) -> set[str]:
    """By what audiences outside CEP know a person: partners' cookie ids, and its own record."""
    return person.of("partner_cookie") | person.of("record")


def _name_late(partners: list[dict[str, Any]], holders: Sequence[str]) -> None:
    """Whoever has the person in an audience still was not reached, whatever else it was told."""
    for one in partners:
        if one["partner_id"] in holders and one["how"] != "unable":
            one["how"] = "not_reached"
    named = {one["partner_id"] for one in partners}
    partners += [{"partner_id": partner, "how": "not_reached", "pairs": 0, "at": None}
                 for partner in holders if partner not in named]  # fmt: skip


def _by_client(persons: Sequence[Person]) -> list[tuple[str, list[Person]]]:
    clients = sorted({person.client_id for person in persons})
    return [(c, [person for person in persons if person.client_id == c]) for c in clients]


def _forget_files(settings: Settings, persons: Sequence[Person]) -> None:
    from exporters import erasing
    from ingest.erasing import originals
    from matchbook.kept_audiences import forgetting
    from matchbook.pushes import forgetting as pushes
    from matchbook.pushes import partner_forgetting

    for client_id, own in _by_client(persons):
        records = {record for person in own for record in person.of("record")}
        keys = {key for person in own for key in person.member_keys}
        contacts = {contact for person in own for contact in person.contacts}
        erasing.forget(settings, client_id, records=records)
        forgetting.forget(settings, client_id, records=records, member_keys=keys)
        pushes.forget(settings, client_id, contacts=contacts)
        held_as = {one for person in own for one in _held_as(person)}
        partner_forgetting.forget(settings, client_id, held_as)
        decisions.forget(settings, client_id, records=records, visitor_keys=keys)
    originals.remove(settings)
    shutil.rmtree(settings.home / "tmp", ignore_errors=True)
    shutil.rmtree(settings.downloads, ignore_errors=True)


def _leave(settings: Settings, due: Sequence[Request], say: Say) -> list[Person]:
    """Note what there is, and remove the persons from everything but the lake."""
    say("Erasing: looking up what there is")
    _trace(settings, due)
    persons = [_person(settings, request) for request in due]
    _note(settings, due, persons)
    failpoint("erase.noted")
    say("Erasing: stored files")
    _forget_files(settings, persons)
    failpoint("erase.files_gone")
    return persons


def _rewrite(settings: Settings, persons: Sequence[Person]) -> None:
    from ingest.erasing.rewriting import rewrite

    rewrite(settings, registry.current(settings), tombstones.load(settings), persons)
