"""`matchbook privacy`: people who want to be left alone, erased, or told what is held on them."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from matchbook import audit, held_data, registry, runs
from matchbook.cli import erasing
from matchbook.cli.app import App, command
from matchbook.cli.progress import spinning
from matchbook.erasure import api_tokens, people, requests
from matchbook.erasure.certificate import certificate, in_words
from matchbook.erasure.people import Person
from matchbook.erasure.requests import Subject
from matchbook.errors import Busy, ConfigError
from matchbook.identifiers import IDENTIFIER_TYPES
from matchbook.keys import load_keys
from matchbook.warehouse import run_lock

_file = click.Path(exists=True, dir_okay=False, path_type=Path, allow_dash=True)
_by = click.option("--by", required=True, help="Who enters it; kept as proof.")


def _client(function: Callable[..., None]) -> Callable[..., None]:
    return click.option("--client", "client_id", required=True, help="At which client.")(function)


def _person(function: Callable[..., None]) -> Callable[..., None]:
    """Options that name one person; the command gets `person`, its subjects."""

    @functools.wraps(function)
    def wrapped(
        app: App,
        *,
        record: str,
        contact: str,
        identifier: str | None,
        hash_file: Path,
        **rest: Any,
    ) -> None:
        hashes = [(identifier, _hash(hash_file))] if identifier else []
        keys = load_keys(app.settings.keys)
        person = people.person(keys, record=record, contact=contact, hashes=hashes)
        function(app, person=person, **rest)

    for option in (
        click.option("--hash-file", type=_file, default="-", help="Where the hash stands; "
                     "else standard input, so that it is in no list of processes."),
        click.option("--identifier", type=click.Choice(IDENTIFIER_TYPES),
                     help="By the SHA-256 of an e-mail address, phone number or postal address."),
        click.option("--contact", default="", help="By a CEP contact id."),
        click.option("--record", default="", help="By a CRM record id."),
    ):  # fmt: skip
        wrapped = option(wrapped)
    return wrapped


def _hash(file: Path) -> str:
    return sys.stdin.readline() if str(file) == "-" else file.read_text()


@click.group()
def privacy() -> None:
    """People who want to be left alone, erased, or told what is held on them."""


@command(
    "opt-out", example='matchbook privacy opt-out --client oakhouse --record OL-1 --by "A. Vos"'
)
@_client
@_person
@click.option("--csv", "csv_file", type=_file, help="Many people, a row each: crm_record_id, "
              "cep_contact_id, email_sha256, phone_sha256, postal_sha256.")  # fmt: skip
@_by
def opt_out(
    app: App, client_id: str, person: list[Subject], csv_file: Path | None, by: str
) -> None:
    """Match, deliver and push a person no more, from this moment on.

    The next nightly files take the person back from every partner that has it.
    """
    _ask(app, "opt_out", client_id, person, csv_file, by)


@command("erase", example='matchbook privacy erase --client oakhouse --record OL-1 --by "A. Vos"')
@_client
@_person
@click.option("--csv", "csv_file", type=_file, help="Many people, a row each: crm_record_id, "
              "cep_contact_id, email_sha256, phone_sha256, postal_sha256.")  # fmt: skip
@_by
def erase(app: App, client_id: str, person: list[Subject], csv_file: Path | None, by: str) -> None:
    """Opt a person out at once and remove every byte of it within 30 days.

    The nights do it, once partners have taken the removals.
    """
    _ask(app, "erasure", client_id, person, csv_file, by)


@command(
    "readmit",
    example="matchbook privacy readmit --client oakhouse --record OL-1 "
    '--consented-on 2026-11-20 --by "A. Vos"',
)
@_client
@_person
@click.option("--consented-on", type=click.DateTime(["%Y-%m-%d"]), required=True,
              help="The UTC day of the person's new consent, after the request.")  # fmt: skip
@_by
def readmit(
    app: App, client_id: str, person: list[Subject], consented_on: datetime, by: str
) -> None:
    """Take back a person who consented anew after opting out or being erased.

    What was erased stays so; the person comes in with the next upload or visit.
    """
    kept = "Nothing was changed."
    found = requests.naming(app.settings, client_id, person)
    if not found:
        raise ConfigError("No request in force names this person.", kept=kept)
    today = app.settings.clock.now().date()
    if not max(r.asked_at for r in found).date() <= consented_on.date() <= today:
        raise ConfigError(
            "The consent is older than the request, or lies ahead.", kept=kept,
            todo="Give the day on which the person consented after the request.",
        )  # fmt: skip
    lifted = requests.lift(app.settings, client_id, person, by=by)
    app.emit({"lifted": lifted}, f"Lifted {lifted} requests; the person may come in again.")


@command("status", example="matchbook privacy status --client oakhouse")
@click.option("--client", "client_id", help="Of this client only.")
def status(app: App, client_id: str | None) -> None:
    """All requests: when they are due, how far they are, and which partners are waited for."""
    found = requests.all_of(app.settings, client_id)
    waits = {r.request_id: list[str]() for r in found} | erasing.waited_for(app.settings)
    table = Table("request", "client", "", "asked for", "due", "standing", "waits for", box=None)
    for one in found:
        table.add_row(
            str(one.request_id), one.client_id, one.kind.replace("_", "-"),
            f"{one.asked_at:%Y-%m-%d %H:%M}", f"{one.due_at:%Y-%m-%d}",
            _standing(one), _few(waits[one.request_id]),
        )  # fmt: skip
    data = [erasing.as_data(r) | {"waits_for": waits[r.request_id]} for r in found]
    app.emit({"requests": data}, table)


@command("certificate", example="matchbook privacy certificate 12")
@click.argument("request_id", type=int)
def show_certificate(app: App, request_id: int) -> None:
    """What was done about a request: counts by store, and what each partner was told."""
    found = certificate(app.settings, request_id)
    app.emit(found, *in_words(found))


@command("run", example="matchbook privacy run --at-once")
@click.option("--at-once", is_flag=True, help="Do not wait the seven days in which partners may "
              "fetch a file that removes; it goes with the person.")  # fmt: skip
def run_now(app: App, at_once: bool) -> None:
    """Erase now whom the night would erase; the warehouse is made anew from the lake."""
    settings = app.settings
    with (
        run_lock(settings, command="matchbook privacy run"),
        runs.recorded(settings, "erase") as run,
        spinning(app, "Erasing") as say,
    ):
        done = erasing.resume(settings, run, say=say)
        done += erasing.erase(settings, erasing.due(settings, at_once=at_once), run, say=say)
    waiting = len(requests.open_erasures(settings))
    told = [f"Erased {_many(len(done))}; {waiting} more to come."]
    told += [f"See: matchbook privacy certificate {one.request_id}" for one in done]
    app.emit({"erased": [erasing.as_data(one) for one in done], "waiting": waiting}, *told)


@command(
    "report",
    example='matchbook privacy report --client oakhouse --record OL-1 --to anna.json --by "A. Vos"',
)
@_client
@_person
@click.option("--to", "target", type=click.Path(dir_okay=False, path_type=Path),
              help="A new file that only you can read; else standard output.")  # fmt: skip
@_by
def report(app: App, client_id: str, person: list[Subject], target: Path | None, by: str) -> None:
    """All that is held on a person, for the person's right of access; each report is logged."""
    import json

    from matchbook.cli.held import held

    settings = app.settings
    if not person:
        raise ConfigError("The request names nobody.",
                          todo="Give a record, a contact or an identifier.")  # fmt: skip
    found = held(settings, Person(0, client_id, tuple(person)))
    audit.record(settings, actor=by, client_id=client_id, action="privacy_report", subjects=1)
    text = json.dumps(found, indent=1, default=str) + "\n"
    if target is None:
        click.echo(text, nl=False)
        return
    target.touch(mode=0o600)
    os.chmod(target, 0o600)
    target.write_text(text)
    counts = {name: len(rows) for name, rows in found.items() if isinstance(rows, list)}
    app.emit(counts, f"Written to {target}.")


@command("token", example='matchbook privacy token --client oakhouse --by "A. Vos"')
@_client
@click.option("--withdraw", is_flag=True, help="Let nobody enter requests by token any more.")
@_by
def token(app: App, client_id: str, withdraw: bool, by: str) -> None:
    """Make the token by which another system enters requests of persons at a client.

    It is shown once, only its hash is kept, and the one before it counts no more.
    """
    settings = app.settings
    action = "privacy_token_withdrawn" if withdraw else "privacy_token_made"
    if withdraw:
        found = api_tokens.withdraw(settings, client_id)
        app.emit({"withdrawn": found}, "Withdrawn." if found else "There was none.")
    else:
        made = api_tokens.issue(settings, client_id)
        app.emit({"token": made}, made)
    audit.record(settings, actor=by, client_id=client_id, action=action, subjects=0)


@command("notice", example="matchbook privacy notice --client oakhouse")
@_client
def notice(app: App, client_id: str) -> None:
    """What is held on a client's people, why, how long, and who gets it, as it is set up."""
    document = registry.current(app.settings)
    client = next((one for one in document.clients if one.client_id == client_id), None)
    if client is None:
        raise ConfigError("There is no client of that name.",
                          todo="See their names with: matchbook registry show")  # fmt: skip
    found = held_data.held(document, client)
    told = held_data.recipients(app.settings, client)
    what = Table("what", "from", "why", "on what basis", "how long", box=None)
    for one in found:
        what.add_row(one.what, one.source, one.why, one.basis, one.kept)
    who = Table("who", "gets", "takes people back", box=None)
    for other in told:
        who.add_row(other.name, other.gets, other.can_remove)
    data = {"held": list(map(asdict, found)), "recipients": list(map(asdict, told))}
    app.emit(data, "All of it is personal data, keyed hashes too.", what, who)


for _command in (opt_out, erase, readmit, status, show_certificate, run_now, report, token, notice):
    privacy.add_command(_command)


def _ask(
    app: App, kind: str, client_id: str, person: Sequence[Subject], csv_file: Path | None, by: str
) -> None:
    settings = app.settings
    named = [person] if person else []
    if csv_file is not None:
        named += people.read(csv_file, load_keys(settings.keys))
    made = requests.ask(settings, kind, client_id, named, by=by)
    try:
        with spinning(app, "Looking up who else that is"):
            erasing.trace_new(settings)
    except Busy as error:
        app.say(f"{error.happened} {error.todo}")
    held = sum(len(requests.subjects_of(settings, requests.get(settings, n))) for n in made)
    data = {"requests": made, "held": held}
    due = requests.get(settings, made[0]).due_at
    then = f" Every byte goes by {due:%Y-%m-%d}." if kind == "erasure" else ""
    app.emit(data, f"Opted out {_many(len(made))}, as of now.{then}", *(
        [f"See: matchbook privacy certificate {made[0]}"] if len(made) == 1 else []
    ))  # fmt: skip


def _many(people: int) -> str:
    return "1 person" if people == 1 else f"{people} people"


def _few(partners: list[str]) -> str:
    return ", ".join(partners) if len(partners) < 3 else f"{len(partners)} partners"


def _standing(request: requests.Request) -> str:
    if request.kind == "opt_out" and request.status == "done":
        return "in force"
    return {"open": "held, not erased yet", "erasing": "being erased"}.get(
        request.status, request.status
    )
