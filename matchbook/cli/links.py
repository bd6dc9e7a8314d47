"""`matchbook links`: e-mails whose links go through the collector."""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from matchbook import registry, switches
from matchbook.cli.app import App, command
from matchbook.errors import ConfigError

if TYPE_CHECKING:
    from ingest.collector.rewriter import Rewritten
    from matchbook.registry import Client


@click.group()
def links() -> None:
    """Tracked links for e-mails."""


@command(
    "rewrite",
    example="matchbook links rewrite mail.html tracked.html --client oakhouse --contact 4711 "
    "--message spring-1 --base-url https://px.oakhouse.example",
)
@click.argument("source", type=click.Path(path_type=Path, allow_dash=True))
@click.argument("target", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--client", "client_id", required=True, help="Whose e-mail it is.")
@click.option("--contact", required=True, help="The CEP's number of the contact.")
@click.option("--message", required=True, help="The CEP's id of the message.")
@click.option("--base-url", required=True, help="The collector: https:// and its host.")
@click.option("--consent", help="0, 1, or the CEP's placeholder for the contact's own flag.")
@click.option("--keep", multiple=True, help="Leave URLs alone in which this pattern is found.")
@click.option("--read-online", is_flag=True, help="Add the pixel of the browser version.")
def rewrite_mail(
    app: App,
    source: Path,
    target: Path,
    client_id: str,
    contact: str,
    message: str,
    base_url: str,
    consent: str | None,
    keep: tuple[str, ...],
    read_online: bool,
) -> None:
    """Turn the HTML of one e-mail to one contact into one whose links are tracked.

    Unsubscribe links, mailto: and tel:, anchors, placeholders of the CEP and hosts that the
    client has not listed stay as they are. `-` reads stdin or writes stdout.
    """
    from ingest.collector.rewriter import Mail, rewrite
    from matchbook.files import write_whole
    from matchbook.keys import load_keys

    client = _client(app, client_id)
    done = rewrite(
        _read(source),
        Mail(contact, message, base_url.rstrip("/"), consent),
        client=client,
        link_key=load_keys(app.settings.keys).links,
        keep=_patterns(keep),
        with_read_pixel=read_online,
    )
    content = done.html.encode(errors="surrogateescape")
    _remark(app, client, base_url)
    if str(target) == "-":
        sys.stdout.buffer.write(content)
        app.say(_summary(done))
        return
    write_whole(target, content)
    data = {
        "tracked": done.tracked,
        "left": dict(done.left),
        "unlisted_hosts": dict(done.unlisted_hosts),
    }
    app.emit(data, _summary(done))


links.add_command(rewrite_mail)


def _client(app: App, client_id: str) -> Client:
    for client in registry.current(app.settings).clients:
        if client.client_id == client_id:
            return client
    raise ConfigError(
        "There is no such client.",
        kept="Nothing was written.",
        todo="`matchbook switch list` names the clients.",
    )


def _read(source: Path) -> str:
    """Bytes that are not UTF-8 are carried through as they are."""
    try:
        content = sys.stdin.buffer.read() if str(source) == "-" else source.read_bytes()
    except OSError:
        raise ConfigError(
            f"{source.name} cannot be read.", kept="Nothing was written.", todo="Check the name."
        ) from None
    return content.decode(errors="surrogateescape")


def _patterns(keep: tuple[str, ...]) -> tuple[str, ...]:
    for pattern in keep:
        try:
            re.compile(pattern)
        except re.error:
            raise ConfigError(
                "A --keep pattern is not a regular expression.", kept="Nothing was written."
            ) from None
    return keep


def _remark(app: App, client: Client, base_url: str) -> None:
    """What would keep the links from working as meant."""
    if not client.landing_hosts:
        app.say(f"{client.client_id} has no landing hosts, so no link can be tracked.")
    if urlsplit(base_url).hostname not in client.collector_hosts:
        app.say(f"The collector's host is not among {client.client_id}'s collector hosts.")
    if switches.approval(client, "link-click") is None:
        app.say("link-click is not approved: links will lead on, untracked, until it is.")


def _summary(done: Rewritten) -> str:
    """Such as "Tracked 12 links; left 3 alone: 2 not_web, 1 unsubscribe."."""
    text = f"Tracked {done.tracked} links"
    if done.left:
        text += f"; left {done.left.total()} alone: {_counted(done.left)}"
    if done.unlisted_hosts:
        text += f". Hosts not listed: {_counted(done.unlisted_hosts)}"
    return text + "."


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
