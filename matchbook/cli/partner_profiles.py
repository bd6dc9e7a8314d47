"""`matchbook partners list` and `sample`: how partners take their files, and a sample of one."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
from rich.table import Table

from matchbook import jobs, partner_channels, registry
from matchbook.cli.app import App, command
from matchbook.files import whole_file
from matchbook.partners import Partner, load_partners
from matchbook.partners.facts import facts_of
from matchbook.partners.profile import DeliveryProfile
from matchbook.settings import Settings


@command("list", example="matchbook partners list tealium")
@click.argument("partner_id", metavar="[PARTNER]", required=False)
@click.option("--client", "client_id", help="With what this client has agreed with the partner.")
def list_partners(app: App, partner_id: str | None, client_id: str | None) -> None:
    """How partners take their files; of one PARTNER every fact with its grade.

    A fact is documented by the partner, observed, inferred, open, or agreed by the client.
    """
    if partner_id is None:
        app.emit({"partners": [_summary(partner) for partner in load_partners()]}, _overview())
        return
    partner = partner_channels.partner(partner_id)
    clients = registry.current(app.settings).clients
    agreed = next((c.has_agreed(partner) for c in clients if c.client_id == client_id), partner)
    facts = facts_of(agreed, _profile(app.settings, partner, client_id))
    table = Table(box=None, pad_edge=False)
    for name in ("fact", "", "grade"):
        table.add_column(name, overflow="fold")
    for fact in facts:
        table.add_row(fact.label, fact.text, fact.grade)
    app.emit({"partner": partner_id, "facts": [asdict(fact) for fact in facts]}, table)


@command("sample", example="matchbook partners sample tealium /tmp/tealium")
@click.argument("partner_id", metavar="PARTNER")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--client", "client_id", help="With what this client has agreed with the partner.")
def sample(app: App, partner_id: str, folder: Path, client_id: str | None) -> None:
    """Write 100 invented rows in a PARTNER's form into FOLDER, to send to its support."""
    from exporters.formats.sample import sample as write_sample

    settings, partner = app.settings, partner_channels.partner(partner_id)
    profile = _profile(settings, partner, client_id)
    files = write_sample(partner, folder, moment=settings.clock.now(), profile=profile)
    open_ = [name for name in profile.missing() if name in profile.parameters]
    if open_:
        app.say(f"Examples stand for what the partner tells each client: {', '.join(open_)}.")
    app.emit(
        {"files": [{"name": f.name, "rows": f.rows, "sha256": f.sha256} for f in files]},
        *(f"{folder / file.name}  {file.rows} rows" for file in files),
    )


def sample_partner_job(
    settings: Settings, job: jobs.Job, say: Callable[[str], None]
) -> dict[str, Any]:
    """The job `sample_partner`: the sample's files in one zip, below the home."""
    from exporters.formats.sample import sample as write_sample

    say("Writing the sample")
    client_id = str(job.client_id)
    partner = partner_channels.partner(str(job.arguments["partner_id"]))
    profile = _profile(settings, partner, client_id)
    target = settings.home / "samples" / client_id / f"{partner.partner_id}.zip"
    with TemporaryDirectory() as scratch, whole_file(target) as part:
        files = write_sample(partner, Path(scratch), moment=settings.clock.now(), profile=profile)
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in files:
                archive.write(file.path, file.name)
    return {"path": str(target.relative_to(settings.home)), "files": [file.name for file in files]}


def _profile(settings: Settings, partner: Partner, client_id: str | None) -> DeliveryProfile:
    if client_id is None:
        return partner.delivery
    channel = partner_channels.find(settings, client_id, partner.partner_id)
    return channel.profile if channel else partner.delivery


def _overview() -> Table:
    table = Table(box=None, pad_edge=False)
    for name in ("partner", "format", "channels", "removals", "facts"):
        table.add_column(name, overflow="fold")
    for partner in load_partners():
        row = _summary(partner)
        grades = ", ".join(f"{count} {grade}" for grade, count in row["grades"].items())
        channels = ", ".join(row["channels"])
        table.add_row(partner.partner_id, row["format"], channels, row["removals"], grades)
    return table


def _summary(partner: Partner) -> dict[str, Any]:
    profile, facts = partner.delivery, facts_of(partner)
    grades = sorted({fact.grade for fact in facts})
    return {
        "partner_id": partner.partner_id,
        "name": partner.name,
        "format": profile.format,
        "file_name": profile.file_name,
        "channels": list(profile.channels),
        "removals": profile.removals.how,
        "grades": {grade: sum(fact.grade == grade for fact in facts) for grade in grades},
    }
