"""`matchbook team`: who may sign in to the dashboard, and as what; and who did what there."""

from __future__ import annotations

import csv
import sys

import click
from rich.table import Table

from matchbook import audit as log
from matchbook import registry
from matchbook import team as owner
from matchbook.access import Role
from matchbook.cli.app import App, command
from matchbook.errors import ConfigError
from matchbook.formulas import unformulated

_by = click.option("--by", default="command line", help="Who does it, for the audit log.")
_client = click.option("--client", "client_id", required=True, help="At which client.")


@click.group()
def team() -> None:
    """Who may sign in to the dashboard, and as what at which client."""


@command("list", example="matchbook team list")
def show(app: App) -> None:
    """Everybody, client by client, and the operators."""
    clients = registry.current(app.settings).clients
    found = {one.client_id: owner.members(app.settings, one.client_id) for one in clients}
    operators = owner.operators(app.settings)
    table = Table("Client", "Who", "As")
    for client_id, members in found.items():
        for member in members:
            table.add_row(client_id, member.email, member.role)
    for email in operators:
        table.add_row("every client", email, "operator")
    data = {c: {m.email: m.role for m in members} for c, members in found.items()}
    app.emit({"clients": data, "operators": operators}, table)


@command("put", example="matchbook team put a.vos@oak.example --client oakhouse --role manager")
@click.argument("email")
@_client
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@_by
def put(app: App, email: str, client_id: str, role: str, by: str) -> None:
    """Invite somebody to a client, or give them another role there.

    A client's first manager comes from here; the manager invites the others on the page Team.
    """
    owner.put(app.settings, email, client_id, Role(role), by=by)
    app.emit({"email": email, "client": client_id, "role": role}, f"{email} is {role} now.")


@command("remove", example="matchbook team remove a.vos@oakhouse.example --client oakhouse")
@click.argument("email")
@_client
@_by
def remove(app: App, email: str, client_id: str, by: str) -> None:
    """Take somebody out of a client; at no client any more, they are forgotten."""
    owner.remove(app.settings, email, client_id, by=by)
    app.emit({"email": email, "client": client_id}, f"{email} is not in the team any more.")


@command("operator", example="matchbook team operator ops@host.example")
@click.argument("email")
@click.option("--off", is_flag=True, help="No more.")
@_by
def operator(app: App, email: str, off: bool, by: str) -> None:
    """Let somebody see how the whole installation does: no client's rows."""
    owner.set_operator(app.settings, email, is_operator=not off, by=by)
    word = "no operator any more" if off else "an operator now"
    app.emit({"email": email, "is_operator": not off}, f"{email} is {word}.")


@command("sign-out", example="matchbook team sign-out a.vos@oakhouse.example")
@click.argument("email")
@_by
def sign_out(app: App, email: str, by: str) -> None:
    """End every session of a person, in every browser."""
    owner.sign_out(app.settings, email, by=by)
    app.emit({"email": email}, f"{email} is signed out everywhere.")


@command("audit", example="matchbook audit --client oakhouse --csv > audit.csv")
@click.option("--client", "client_id", help="Of one client; else of all.")
@click.option("--csv", "as_csv", is_flag=True, help="All of it as CSV, the newest first.")
@click.option("--last", type=click.IntRange(1), default=20, help="How many to show.")
def audit(app: App, client_id: str | None, as_csv: bool, last: int) -> None:
    """Who did what, when and to how many; never who was in it."""
    known = {one.client_id for one in registry.current(app.settings).clients}
    if client_id is not None and client_id not in known:
        raise ConfigError("There is no such client.", todo="See: matchbook registry show")
    rows = [log.as_row(event) for event in log.events(app.settings, client_id=client_id)]
    if as_csv:
        plain = [[unformulated(cell) for cell in row] for row in rows]
        csv.writer(sys.stdout).writerows([log.HEADER, *plain])
        return
    table = Table(*log.HEADER)
    for row in rows[:last]:
        table.add_row(*row)
    app.emit({"events": [dict(zip(log.HEADER, row, strict=True)) for row in rows]}, table)


for _command in (show, put, remove, operator, sign_out):
    team.add_command(_command)
