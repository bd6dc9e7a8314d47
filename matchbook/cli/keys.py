"""`matchbook keys`: the instance's keys, their versions, and making new ones."""

from __future__ import annotations

import click
from rich.table import Table

from matchbook import audit, runs, secrets
from matchbook import keys as rings
from matchbook.cli import rotation
from matchbook.cli.app import App, command
from matchbook.cli.progress import spinning
from matchbook.warehouse import run_lock

ROTATED = (*rings.NAMES, "secrets")
WHAT = {
    "identifiers": "keys identifiers, so that a stolen warehouse names nobody",
    "cookie": "signs visitor cookies",
    "links": "signs e-mail links and downloads",
    "secrets": "encrypts the passwords entered on pages",
}

_name = click.argument("name", type=click.Choice(ROTATED))
_by = click.option("--by", required=True, help="Who does it; kept as proof.")


@click.group()
def keys() -> None:
    """The instance's keys: rotate them yearly, or when one may be known to others."""


@command("status", example="matchbook keys status")
def status(app: App) -> None:
    """Each key's versions: the newest makes, the others are only understood."""
    folder = app.settings.keys
    rings.load_keys(folder)
    rows = {name: [bool(key) for key in rings.versions(folder, name)] for name in ROTATED}
    table = Table("key", "what it does", "newest", "understood too", "retired", box=None)
    for name, known in rows.items():
        older = [str(n) for n, is_known in enumerate(known[:-1], 1) if is_known]
        table.add_row(name, WHAT[name], str(len(known) or "none yet"), ", ".join(older),
                      str(known.count(False) or ""))  # fmt: skip
    data = {name: {"newest": len(known), "retired": known.count(False)}
            for name, known in rows.items()}  # fmt: skip
    unfinished = rotation.is_unfinished(app.settings)
    told = ["A rotation was cut short; the next night completes it."] if unfinished else []
    app.emit({"keys": data, "unfinished": unfinished}, table, *told)


@command("rotate", example='matchbook keys rotate cookie --by "A. Vos"')
@_name
@_by
def rotate(app: App, name: str, by: str) -> None:
    """Make a new version of a key. What the old one made is understood until it is retired.

    `identifiers` wraps everything that is stored and builds anew; `secrets` encrypts anew.
    """
    settings = app.settings
    with run_lock(settings, command="matchbook keys rotate"), spinning(app, "Rotating") as say:
        if name == "identifiers":
            with runs.recorded(settings, "rotate") as run:
                version = rotation.rotate_identifiers(settings, run, say=say, by=by)
        else:
            version = rings.add_version(settings.keys, name)
            if name == "secrets":
                secrets.seal_anew(settings)
                rings.retire(settings.keys, name)
            audit.record(settings, actor=by, client_id=None, action="key_rotated", subjects=0)
    told = {
        "identifiers": "What is stored is wrapped in it.",
        "cookie": "Collectors sign with it within seconds; retire the old one in 13 months.",
        "links": "New links are signed with it; retire the old one when no sent mail matters.",
        "secrets": "Everything is encrypted with it, and the old one is retired.",
    }
    app.emit({"key": name, "version": version}, f"Version {version} of {name}. {told[name]}")


@command("retire", example='matchbook keys retire links --by "A. Vos"')
@_name
@_by
def retire(app: App, name: str, by: str) -> None:
    """Understand only a key's newest version from now on.

    Browsers whose cookie an older one signed count as new; links it signed lead nowhere.
    """
    retired = rings.retire(app.settings.keys, name)
    audit.record(app.settings, actor=by, client_id=None, action="key_retired", subjects=0)
    app.emit({"key": name, "retired": retired}, f"Retired {retired} versions of {name}.")


for _command in (status, rotate, retire):
    keys.add_command(_command)
