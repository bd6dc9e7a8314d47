"""`matchbook registry`: look at and replace the document of clients, sites and lists."""

from __future__ import annotations

import json
from pathlib import Path

import click
from pydantic import ValidationError

from matchbook import registry as owner
from matchbook.cli.app import App, command
from matchbook.errors import ConfigError


@click.group()
def registry() -> None:
    """Clients, sites, publishers, lists and partner codes."""


@command("show", example="matchbook registry show > registry.json")
def show(app: App) -> None:
    """Print the current document; it is what `apply` takes."""
    document = owner.current(app.settings).model_dump(mode="json")
    click.echo(json.dumps(document, indent=None if app.as_json else 2))


@command("apply", example="matchbook registry apply examples/registry.json")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--by", default="command line", help="Who changes it, for the history.")
def apply(app: App, file: Path, by: str) -> None:
    """Check a document and make it the current one; the version before it is kept."""
    wanted = _parsed(file)
    after = owner.replace(app.settings, wanted, by=by)
    parts = {name: getattr(after, name) for name in type(after).model_fields}
    counts = {name: len(part) for name, part in parts.items() if isinstance(part, tuple)}
    app.emit(counts, "Applied: " + ", ".join(f"{n} {name}" for name, n in counts.items()) + ".")


registry.add_command(show)
registry.add_command(apply)


def _parsed(file: Path) -> owner.Registry:
    try:
        return owner.Registry.model_validate_json(file.read_text())
    except (ValidationError, UnicodeDecodeError) as error:
        where = ""
        if isinstance(error, ValidationError):
            first = error.errors(include_input=False)[0]
            where = f" ({'.'.join(map(str, first['loc'])) or 'document'}: {first['msg']})"
        raise ConfigError(
            f"{file.name} is not a valid registry{where}.",
            kept="The registry was not changed.",
            todo="Correct it; examples/registry.json shows the form.",
        ) from None
