"""`matchbook push`: audiences on their way to Mapp CEP and partners, one worker at each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import click
from rich.table import Table

from matchbook.cli.app import App, command
from matchbook.cli.progress import spinning
from matchbook.clock import Clock
from matchbook.errors import ConfigError
from matchbook.jobs import Job
from matchbook.settings import Settings

if TYPE_CHECKING:
    from matchbook.pushes.outbox import Push

SLICE = timedelta(seconds=5)
"""For so long the worker goes on with pushes before it looks for jobs again."""


@command("push", example="matchbook push --drain          (cron: */5 * * * *)")
@click.option("--drain", is_flag=True, help="Go on with every push that is due, until none is.")
@click.option("--client", help="Whose audience to push first, with --audience and --by.")
@click.option("--audience", help="Its id; `matchbook audiences list` names them.")
@click.option("--to", "destination", default="mapp_cep", help="mapp_cep, or a partner's id.")
@click.option("--name", help="Of the group there; else the audience's.")
@click.option("--follow", is_flag=True, help="Keep the group up to date after each night.")
@click.option("--confirm", type=int, metavar="NUMBER", help="As the second person, with --by.")
@click.option("--by", help="Who says so; kept as proof.")
def push(
    app: App,
    drain: bool,
    client: str | None,
    audience: str | None,
    destination: str,
    name: str | None,
    follow: bool,
    confirm: int | None,
    by: str | None,
) -> None:
    """List pushes, ask for one, confirm one, or do what is asked for.

    What a killed run had begun is looked up at its destination and then completed.
    """
    settings = app.settings
    if client and audience:
        _ask(settings, client, audience, destination, name=name, follows=follow, by=by or "")
    if confirm is not None:
        _confirm(settings, confirm, by=by or "")
    if drain:
        with spinning(app, "Pushing") as say:
            drain_all(settings, say=say)
    _tell(app, settings, client)


@command("push-webhook", example="matchbook push-webhook oakandlinen https://hooks.oakandlinen.example/m"
                                 " --secret file:push_hook --by IT")  # fmt: skip
@click.argument("client")
@click.argument("url", required=False)
@click.option("--secret", help="Names the secret: file:NAME in keys/webhooks, or a variable.")
@click.option("--remove", is_flag=True, help="Send nothing there any more.")
@click.option("--by", default="command line", help="Who changes it, for the history.")
def push_webhook(
    app: App, client: str, url: str | None, secret: str | None, remove: bool, by: str
) -> None:
    """Let audiences go to a client's own system too, as its record ids in signed messages."""
    from matchbook.alerts.webhook import checked
    from matchbook.pushes import push_webhooks

    if not remove and not (url and secret):
        raise click.UsageError("Give the address and --secret, or --remove.")
    hook = None if remove else checked(url or "", secret or "")
    push_webhooks.enter(app.settings, client, hook, by=by)
    said = "Audiences can be pushed there from now on." if hook else "Nothing is sent there."
    app.emit({"client_id": client, "webhook": hook.model_dump() if hook else None}, said)


def drain_all(settings: Settings, *, say: Callable[[str], None]) -> None:
    """Go on until nothing is due at this moment."""
    from exporters.pushes import drain
    from matchbook.pushes import outbox

    moved = drain(_awake(settings), clock=Clock(), say=say)
    while any(push.state not in outbox.OPEN for push in moved):  # others waited behind it
        moved = drain(_awake(settings), clock=Clock(), say=say)


def work_a_while(settings: Settings) -> bool:
    """A slice of the worker's time; whether there was anything to do."""
    from matchbook.pushes import outbox

    if not outbox.open_ones(settings):
        return False
    from exporters.pushes import drain

    clock = Clock()
    return bool(drain(_awake(settings), clock=clock, until=clock.now() + SLICE))


def _awake(settings: Settings) -> Settings:
    """Pushes talk to another system in its own time: a clock that stands would not pace them."""
    return replace(settings, now=None)


def check_cep_job(settings: Settings, job: Job, say: Callable[[str], None]) -> dict[str, Any]:
    """The job that *Activate Integration* and *Check again* ask for, with `standing`."""
    from exporters.cep.activation import check
    from matchbook.pushes import accounts

    found = accounts.find(settings, job.client_id or "", str(job.arguments["standing"]))
    if found is None:
        raise ConfigError("There is nothing to check.", kept="Nothing was changed.")
    say("Calling Mapp CEP")
    return {"problem": check(settings, found, clock=Clock())}


def follow_nightly(settings: Settings) -> int:
    """The step of a night after audiences were refreshed: ask for what follows, and for removals
    of who opted out anywhere else; how many."""
    from matchbook.pushes import asking, leaving

    return len(asking.follow_all(settings)) + len(leaving.ask_to_leave(settings))


def _ask(
    settings: Settings, client: str, audience: str, destination: str, *, name: str | None,
    follows: bool, by: str,
) -> None:  # fmt: skip
    from matchbook.kept_audiences import store
    from matchbook.pushes import asking

    _check_named(by)
    wanted = name or store.get(settings, client, audience).name
    asking.push(settings, client, audience, destination, name=wanted, follows=follows,
                key=uuid4().hex, by=by)  # fmt: skip


def _confirm(settings: Settings, number: int, *, by: str) -> None:
    from matchbook.pushes import confirming, outbox

    _check_named(by)
    waiting = {push.push_id: push for push in outbox.unconfirmed(settings)}
    if number not in waiting:
        raise ConfigError("No push of that number waits for a second person.")
    confirming.confirm(settings, waiting[number], by=by)


def _check_named(by: str) -> None:
    if not by.strip():
        raise ConfigError("Who says so is missing.", todo="Add --by; it is kept as proof.")


def _tell(app: App, settings: Settings, client: str | None) -> None:
    from matchbook import registry
    from matchbook.pushes import outbox

    clients = [client] if client else [c.client_id for c in registry.current(settings).clients]
    found = [push for one in clients for push in outbox.of_client(settings, one)]
    table = Table("push", "client", "audience", "to", "state", "added", "removed", "not taken", "",
                  box=None)  # fmt: skip
    data = []
    for one in found:
        sums = sums_of(settings, one)
        when = f"not before {one.next_attempt_at:%H:%M:%S} UTC" if one.next_attempt_at else ""
        table.add_row(str(one.push_id), one.client_id, one.audience_id, one.destination, one.state,
                      *(str(n) for n in sums.values()), one.reason or when)  # fmt: skip
        data.append({"push_id": one.push_id, "client_id": one.client_id, "state": one.state,
                     "audience_id": one.audience_id, "destination": one.destination,
                     "reason": one.reason, **sums})  # fmt: skip
    app.emit({"pushes": data}, table if found else "No audience was pushed yet.")


def sums_of(settings: Settings, push: Push) -> dict[str, int]:
    """Added, removed and not taken; files to a partner go whole or not at all."""
    from matchbook.pushes import outbox
    from matchbook.pushes.targets import CEP

    if push.destination == CEP:
        return summed(outbox.counts(settings, push))
    told = push.funnel or {}
    is_there = push.state in ("done", "refused")
    names = {"added": "add", "removed": "remove", "not_taken": "refused"}
    return {word: int(told.get(name, 0)) if is_there else 0 for word, name in names.items()}


def summed(counts: dict[tuple[str, str, str], int]) -> dict[str, int]:
    """Added, removed and not taken, of the outcomes so far."""

    def of(action: str, state: str) -> int:
        return sum(n for (act, word, _), n in counts.items() if (act, word) == (action, state))

    refused = of("add", "rejected") + of("remove", "rejected")
    return {"added": of("add", "confirmed"), "removed": of("remove", "confirmed"),
            "not_taken": refused}  # fmt: skip
