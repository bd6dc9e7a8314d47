"""`matchbook alerts`: what is off on clients' sites, who knows, and who is told."""

from __future__ import annotations

from typing import Any

import click
from rich.table import Table

from matchbook import registry
from matchbook.alerts import messages, store, webhook
from matchbook.alerts.looking import look as look_everywhere
from matchbook.alerts.store import Alert
from matchbook.alerts.words import CAUSES, sentence
from matchbook.cli.app import App, command
from matchbook.settings import Settings


@click.group()
def alerts() -> None:
    """Anomalies in what partners' tags do on sites."""


@command("list", example="matchbook alerts list oakandlinen --all")
@click.argument("client", required=False)
@click.option("--all", "every", is_flag=True, help="Those that have ended too.")
def list_alerts(app: App, client: str | None, every: bool) -> None:
    """What is off now, the newest first; of one client, or all."""
    settings = app.settings
    clients = [client] if client else [c.client_id for c in registry.current(settings).clients]
    rows: list[dict[str, Any]] = []
    table = Table("number", "client", "since", "cause", "", "state", box=None, pad_edge=False)
    for client_id in clients:
        names = messages.names_of(settings, client_id)
        for alert in store.of_client(settings, client_id, open_only=not every):
            rows.append(messages.as_data(alert, names))
            said = sentence(alert, names) + (f" · {alert.note}" if alert.note else "")
            table.add_row(str(alert.alert_id), client_id, f"{alert.since_date}",
                          CAUSES[alert.cause], said, _state(alert))  # fmt: skip
    app.emit({"alerts": rows}, table if rows else "Nothing is off.")


@command("ack", example='matchbook alerts ack 12 --by "A. Vos" --note "New tag manager release"')
@click.argument("number", type=int)
@click.option("--by", required=True, help="Who knows; kept with it.")
@click.option("--note", default="", help="What it was; stands on the charts.")
def ack(app: App, number: int, by: str, note: str) -> None:
    """Say that somebody knows: it needs nobody any more, and the note stands on the charts."""
    alert = store.acknowledge(app.settings, number, by=by, note=note)
    names = messages.names_of(app.settings, alert.client_id)
    app.emit(messages.as_data(alert, names), f"Acknowledged: {sentence(alert, names)}.")


@command("look", example="matchbook alerts look")
def look(app: App) -> None:
    """Look at the published data now and tell webhooks; the night does so by itself."""
    found = look_and_tell(app.settings)
    app.emit(found, told_of(found))


@command("webhook", example="matchbook alerts webhook oakandlinen https://hooks.oakandlinen.example/m"
                            " --secret file:oakandlinen")  # fmt: skip
@click.argument("client")
@click.argument("url", required=False)
@click.option("--secret", help="Names the secret: env:MATCHBOOK_WEBHOOK_… or file:NAME.")
@click.option("--remove", is_flag=True, help="Tell nobody any more.")
@click.option("--by", default="command line", help="Who changes it, for the history.")
def set_webhook(
    app: App, client: str, url: str | None, secret: str | None, remove: bool, by: str
) -> None:
    """Where a client's alerts are sent when they open and close, signed with a secret."""
    if not remove and not (url and secret):
        raise click.UsageError("Give the address and --secret, or --remove.")
    hook = None if remove else webhook.checked(url or "", secret or "")
    webhook.set_webhook(app.settings, client, hook, by=by)
    said = "Alerts are sent there from now on." if hook else "Alerts are sent nowhere."
    app.emit({"client_id": client, "webhook": hook.model_dump() if hook else None}, said)


def look_and_tell(settings: Settings) -> dict[str, Any]:
    """A step of the night, too: what opened and closed, and how many messages were taken."""
    from exporters.alerting import send_waiting

    changes = look_everywhere(settings)
    told = send_waiting(settings)
    return {
        "opened": [change.alert.alert_id for change in changes if change.kind == "opened"],
        "closed": [change.alert.alert_id for change in changes if change.kind == "closed"],
        "sent": told.sent,
        "problems": told.problems,
    }


def told_of(found: dict[str, Any]) -> str:
    """In one line."""
    waits = "".join(f" {client}: {why}" for client, why in found["problems"].items())
    return (
        f"{len(found['opened'])} alerts opened, {len(found['closed'])} closed, "
        f"{found['sent']} messages sent.{waits}"
    )


def _state(alert: Alert) -> str:
    known = f", {alert.acknowledged_by} knows" if alert.acknowledged_by else ""
    return ("goes on" if alert.is_open else f"ended {alert.until_date}") + known


for _command in (list_alerts, ack, look, set_webhook):
    alerts.add_command(_command)
