"""`matchbook switch` and `matchbook declare`: on which word e-mails and sites are tracked."""

from __future__ import annotations

from typing import Any

import click
from rich.table import Table

from matchbook import declarations, registry, switches
from matchbook.cli.app import App, command

_switch_name = click.argument("name", metavar="SWITCH", type=click.Choice(list(switches.SWITCHES)))
_kind = click.argument("kind", type=click.Choice(declarations.KINDS))
_by = click.option("--by", required=True, help="Who decides; kept as proof.")


@click.group()
def switch() -> None:
    """Whether clicks and reads of a client's e-mails may make matches."""


@command(
    "approve",
    example='matchbook switch approve oakhouse link-click --by "A. Vos, DPO" '
    '--basis "Newsletter consent text 4"',
)
@click.argument("client")
@_switch_name
@_by
@click.option("--basis", required=True, help="Why the contacts may be tracked; kept as proof.")
def approve(app: App, client: str, name: str, by: str, basis: str) -> None:
    """Switch on from now; running collectors follow within a second.

    While it stands, a click or read that says nothing about consent counts as consented.
    """
    made = switches.approve(app.settings, client, name, by=by, basis=basis)
    data = {"client_id": client, "switch": name, **made.model_dump(mode="json")}
    app.emit(data, f"{client}: {name} is on since {made.approved_at:%Y-%m-%d %H:%M} UTC.")


@command("withdraw", example='matchbook switch withdraw oakhouse link-click --by "A. Vos, DPO"')
@click.argument("client")
@_switch_name
@_by
def withdraw(app: App, client: str, name: str, by: str) -> None:
    """Switch off from now; links in mails that were sent still lead on, untracked."""
    switches.withdraw(app.settings, client, name, by=by)
    app.emit({"client_id": client, "switch": name}, f"{client}: {name} is off.")


@command("list", example="matchbook switch list")
def list_switches(app: App) -> None:
    """Both switches of every client: since when, by whom, on which basis."""
    rows: list[dict[str, Any]] = []
    for client in registry.current(app.settings).clients:
        for name in switches.SWITCHES:
            standing = switches.approval(client, name)
            word = standing.model_dump(mode="json") if standing else {}
            rows.append({"client_id": client.client_id, "switch": name,
                         "is_on": standing is not None, **word})  # fmt: skip
    table = _table("client", "switch", "on since", "approved by", "basis")
    for row in rows:
        since = row.get("approved_at", "")[:10] or "off"
        table.add_row(row["client_id"], row["switch"], since, row.get("approved_by", ""),
                      row.get("basis", ""))  # fmt: skip
    app.emit({"switches": rows}, table)


for _command in (approve, withdraw, list_switches):
    switch.add_command(_command)


@click.group()
def declare() -> None:
    """That the calls of a site or publisher arrive only after consent."""


def _declaring(kind: str, example: str) -> click.Command:
    @command(kind, example=f"matchbook declare {kind} {example}")
    @click.argument("name")
    @_by
    @click.option("--wording", required=True, help="What is declared; kept as proof.")
    def declaring(app: App, name: str, by: str, wording: str) -> None:
        made = declarations.declare(app.settings, kind, name, by=by, wording=wording)
        data = {kind: name, **made.model_dump(mode="json")}
        app.emit(data, f"{name}: declared at {made.declared_at:%Y-%m-%d %H:%M} UTC.")

    declaring.help = f"Record who declares it for a {kind}, now, and in which words."
    return declaring


@command("withdraw", example='matchbook declare withdraw site oakhouse_nl --by "Web team"')
@_kind
@click.argument("name")
@_by
def withdraw_declaration(app: App, kind: str, name: str, by: str) -> None:
    """From now on, calls that say nothing about consent are not tracked."""
    declarations.withdraw(app.settings, kind, name, by=by)
    app.emit({kind: name}, f"{name}: the declaration is withdrawn.")


@command("list", example="matchbook declare list")
def list_declarations(app: App) -> None:
    """Every site and publisher: since when, by whom and in which words."""
    document = registry.current(app.settings)
    places = [("site", s.site_id, s.consent_declaration) for s in document.sites]
    places += [("publisher", p.publisher_id, p.consent_declaration) for p in document.publishers]
    table = _table("kind", "id", "declared", "by", "wording")
    for kind, name, word in places:
        said = (f"{word.declared_at:%Y-%m-%d}", word.declared_by, word.wording) if word else ()
        table.add_row(kind, name, *(said or ("no", "", "")))
    rows = [
        {"kind": kind, "id": name, "declaration": word and word.model_dump(mode="json")}
        for kind, name, word in places
    ]
    app.emit({"declarations": rows}, table)


for _command in (
    _declaring("site", 'oakhouse_nl --by "Web team" --wording "Fires after consent only."'),
    _declaring("publisher", 'dap_1001 --by "Gazette" --wording "Only people who agreed."'),
    withdraw_declaration,
    list_declarations,
):
    declare.add_command(_command)


def _table(*names: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in names:
        table.add_column(name, overflow="fold")
    return table
