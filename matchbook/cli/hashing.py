"""`matchbook hash`: hash a customer's file where it lies, before anything leaves."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from matchbook import registry
from matchbook.cli.app import App, command
from matchbook.cli.progress import counted
from matchbook.errors import ConfigError

if TYPE_CHECKING:
    from ingest.hashing import Hashed


@command("hash", example="matchbook hash customers.csv -o hashed.csv --region NL --keep tier")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("-o", "--out", type=click.Path(path_type=Path), required=True, help="To write.")
@click.option("--rejects", type=click.Path(path_type=Path), help="The report; else beside OUT.")
@click.option("--region", help="Country of numbers and addresses that name none, such as NL.")
@click.option("--client", help="Take the region that the registry has for this client.")
@click.option("--map", "maps", multiple=True, metavar="HEADER=FIELD", help="What a column is.")
@click.option("--keep", multiple=True, metavar="HEADER", help="An attribute column to keep.")
@click.option(
    "--mode",
    type=click.Choice(["opt-in", "opt-out", "replace"]),
    default="opt-in",
    show_default=True,
    help="As the file will be delivered; an opt-out may do without record ids.",
)
@click.option("--processes", type=click.IntRange(1, 16), default=2, show_default=True)
def hash(
    app: App,
    file: Path,
    out: Path,
    rejects: Path | None,
    region: str | None,
    client: str | None,
    maps: tuple[str, ...],
    keep: tuple[str, ...],
    mode: str,
    processes: int,
) -> None:
    """Turn e-mail addresses, phone numbers and addresses of a CSV into SHA-256.

    Works offline. OUT holds the CRM record id, hashes and the columns of --keep; what was left
    out stands in the report, by line number and reason, without values.
    """
    from ingest.hashing import Choice, hash_file

    if not file.is_file():
        raise ConfigError(
            "The file cannot be read.", kept="Nothing was written.", todo="Check its name."
        )
    region, assumed = _region(app, region, client)
    choice = Choice(region, _mapped(maps), keep, mode)
    rejects = rejects or out.with_name(out.name + ".rejects.csv")
    with counted(app, "Hashing") as progress:
        done = hash_file(file, out, rejects, choice, processes=processes, progress=progress)
    app.emit(_data(done, out, rejects) | {"region": region}, _summary(done, rejects) + assumed)


def _region(app: App, region: str | None, client: str | None) -> tuple[str | None, str]:
    """The country that counts, and a remark where it is only assumed."""
    if region or client is None:
        return region.upper() if region else None, ""
    for known in registry.current(app.settings).clients:
        if known.client_id == client:
            break
    else:
        raise ConfigError(
            "The registry has no such client.",
            kept="Nothing was written.",
            todo="See matchbook registry show, or say --region.",
        )
    if known.default_region:
        return known.default_region, ""
    return known.region, (
        f" The registry names no default_region for this client: {known.region} was assumed."
    )


def _mapped(maps: tuple[str, ...]) -> dict[str, str]:
    """HEADER=FIELD; the header may hold equal signs itself."""
    pairs = [text.rpartition("=") for text in maps]
    if not all(sign and header for header, sign, _ in pairs):
        raise ConfigError(
            "A --map is not of the form HEADER=FIELD.",
            kept="Nothing was written.",
            todo="Such as --map Mailadres=email.",
        )
    return {header: field.strip() for header, _, field in pairs}


def _data(done: Hashed, out: Path, rejects: Path) -> dict[str, object]:
    return {
        "out": str(out),
        "rejects": str(rejects),
        "rows": done.read,
        "written": done.written,
        "hashes": dict(done.hashes),
        "reasons": dict(sorted(done.reasons.items())),
        "columns_left_out": done.columns.left_out,
    }


def _summary(done: Hashed, rejects: Path) -> str:
    text = f"Hashed {done.written:,} of {done.read:,} rows: {_counted(done.hashes)}."
    if done.columns.left_out:
        text += f" {done.columns.left_out} columns stayed here."
    if done.reasons:
        text += f" Left out or repaired: {_counted(done.reasons)}; see {rejects.name}."
    return text


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in sorted(counts.items())) or "nothing"
