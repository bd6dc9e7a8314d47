"""`matchbook partners`: how partners take their files, and where each client's go."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import yaml

from matchbook import deliveries, jobs, partner_channels, registry
from matchbook.cli.app import App, command
from matchbook.cli.loads import as_data
from matchbook.cli.partner_profiles import list_partners, sample
from matchbook.client_partners import agreed_in
from matchbook.errors import ConfigError, DestinationError, MatchbookError
from matchbook.partner_channels import Channel
from matchbook.registry import Client, ClientPartner, Registry
from matchbook.settings import Settings

_client = click.argument("client_id", metavar="CLIENT")
_partner = click.argument("partner_id", metavar="PARTNER")
_by = click.option("--by", default="command line", help="Who changes it, for the history.")


@click.group()
def partners() -> None:
    """Partners: how they take their files, and where each client's go."""


@command(
    "add",
    example="matchbook partners add oakhouse tealium sftp://oakhouse@files.tealium.example/in "
    "--credentials file:tealium --host-key 'ssh-ed25519 AAAA…'",
)
@_client
@_partner
@click.argument("address")
@click.option("--credentials", metavar="REFERENCE",
              help="env:MATCHBOOK_PARTNER_… or file:NAME (keys/partners/NAME, 0600).")  # fmt: skip
@click.option("--host-key", help="The SFTP server's key, pinned: ssh-ed25519 AAAA…")
@click.option("--endpoint", help="Of an S3 API that is not Amazon's: https://host[:port].")
@click.option("--every", "cadence_hours", type=click.IntRange(1, 168), default=24,
              show_default=True, help="Hours between deliveries.")  # fmt: skip
@click.option("--at", type=click.DateTime(["%H:%M"]), default="03:30", show_default=True,
              help="UTC; deliveries are due from then on.")  # fmt: skip
@click.option("--set", "values", multiple=True, metavar="NAME=VALUE",
              help="A setting that the partner gave the client, such as site=1234.")  # fmt: skip
@click.option("--overrides", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="YAML: what the client agreed in place of the partner's profile.")  # fmt: skip
@click.option("--code", "codes", multiple=True, help="A site code of the partner, such as PO_….")
@_by
def add(
    app: App, client_id: str, partner_id: str, address: str, values: tuple[str, ...],
    overrides: Path | None, at: Any, codes: tuple[str, ...], by: str, **fields: Any,
) -> None:  # fmt: skip
    """Enter where a partner's files go; nothing is sent before it is activated.

    ADDRESS is file:///folder, sftp://user@host/folder, ftps://user@host/folder,
    s3://bucket/folder or https://host. The secret itself is never given here: an S3 key and
    HTTPS log-in stand as `id:secret`, for SFTP it is a private key or a password.
    """
    agreed, of_files = agreed_in(_overrides(overrides, values))
    fields |= {
        "address": Path(address).as_uri() if address.startswith("/") else address,
        "at_minute": at.hour * 60 + at.minute,
        "overrides": of_files,
    }
    partner_channels.checked(app.settings, client_id, partner_id, fields, by=by)
    own = ClientPartner(partner_id=partner_id, codes=codes, agreed=agreed)
    _register(app.settings, client_id, own, by=by)
    made = partner_channels.add(app.settings, client_id, partner_id, fields, by=by)
    missing = partner_channels.why_not(app.settings, made)
    told = [f"Before it can be activated: {reason}" for reason in missing]
    then = f"matchbook partners test {client_id} {partner_id}"
    app.emit(
        _shown(made), f"{partner_channels.partner(partner_id).name}: entered. Now: {then}", *told
    )


@command("test", example="matchbook partners test oakhouse tealium")
@_client
@_partner
def test(app: App, client_id: str, partner_id: str) -> None:
    """Connect, write a probe, read it back and remove it; exit code 74 if that fails.

    Over HTTPS nothing is written: the server has to answer and accept our credentials.
    """
    channel = partner_channels.get(app.settings, client_id, partner_id)
    name = partner_channels.partner(partner_id).name
    error = try_out(app.settings, channel)
    if error is not None:
        raise error
    app.emit({"ok": True, "problem": None}, f"{name}: the connection works.")


@command("confirm", example="matchbook partners confirm oakhouse spotler --by 'J. Jansen'")
@_client
@_partner
@click.option("--by", required=True, help="Who of the client confirms it.")
def confirm(app: App, client_id: str, partner_id: str, by: str) -> None:
    """Record that the client confirms what the partner's profile asks, as Spotler's does."""
    made = partner_channels.confirm(app.settings, client_id, partner_id, by=by)
    app.emit(_shown(made), f"Confirmed by {by.strip()}: {made.profile.confirmation}")


@command("activate", example="matchbook partners activate oakhouse tealium")
@_client
@_partner
@click.option("--everything", is_flag=True,
              help="The next file has every pair, also those that the partner holds.")  # fmt: skip
@_by
def activate(app: App, client_id: str, partner_id: str, everything: bool, by: str) -> None:
    """Send this partner's files from the next build on; the first file has every pair."""
    made = partner_channels.activate(app.settings, client_id, partner_id, by=by)
    if everything:
        deliveries.forget_holding(app.settings, client_id, partner_id)
    name = partner_channels.partner(partner_id).name
    app.emit(_shown(made), f"{name}: active, every {made.cadence_hours} hours.")


@command("pause", example="matchbook partners pause oakhouse tealium")
@_client
@_partner
@_by
def pause(app: App, client_id: str, partner_id: str, by: str) -> None:
    """Send nothing until it is activated again; the next file covers what was missed."""
    made = partner_channels.pause(app.settings, client_id, partner_id, by=by)
    app.emit(_shown(made), f"{partner_channels.partner(partner_id).name}: paused.")


for _command in (list_partners, sample, add, test, confirm, activate, pause):
    partners.add_command(_command)


def try_out(settings: Settings, channel: Channel) -> MatchbookError | None:
    """Probe a channel and keep how it went; a good test ends the wait after a failure."""
    from exporters.transports import opened

    problem: MatchbookError | None = None
    try:
        with opened(settings, channel) as transport:
            transport.probe(settings.clock)
    except (ConfigError, DestinationError) as error:
        problem = error
    told = f"{problem.happened} {problem.todo}".strip() if problem else None
    partner_channels.note_test(settings, channel, told)
    if problem is None:
        deliveries.retry_now(settings, channel.client_id, channel.partner_id)
    return problem


def partner_test_job(
    settings: Settings, job: jobs.Job, say: Callable[[str], None]
) -> dict[str, Any]:
    """The job that a page asks for with `partner_id`, for its own client."""
    channel = partner_channels.get(settings, job.client_id or "", job.arguments["partner_id"])
    problem = try_out(settings, channel)
    told = f"{problem.happened} {problem.todo}".strip() if problem else None
    return {"ok": problem is None, "problem": told}


def _register(settings: Settings, client_id: str, own: ClientPartner, *, by: str) -> None:
    """Make it a partner of the client, and add its site codes and what both have agreed."""

    def with_partner(client: Client) -> Client:
        if client.client_id != client_id:
            return client
        known = {one.partner_id: one for one in client.partners}
        before = known.get(own.partner_id, own)
        codes = tuple(dict.fromkeys((*before.codes, *own.codes)))
        changes = {"codes": codes, "agreed": own.agreed or before.agreed}
        known[own.partner_id] = before.model_copy(update=changes)
        return client.model_copy(update={"partners": tuple(known.values())})

    def alter(document: Registry) -> Registry:
        clients = tuple(with_partner(client) for client in document.clients)
        return document.model_copy(update={"clients": clients})

    registry.change(settings, alter, by=by)


def _overrides(file: Path | None, values: tuple[str, ...]) -> dict[str, Any]:
    found = yaml.safe_load(file.read_text()) if file else {}
    if not isinstance(found, dict) or any("=" not in value for value in values):
        raise ConfigError(
            "What the client agreed is not readable.",
            kept="Nothing was changed.",
            todo="Give a YAML file of names and values, and --set NAME=VALUE.",
        )
    given = dict(value.split("=", 1) for value in values)
    return found | ({"values": {**found.get("values", {}), **given}} if given else {})


def _shown(channel: Channel) -> dict[str, Any]:
    return as_data(channel) | {"kind": channel.kind}
