"""`matchbook lookalike`: who is like an audience, how like, and how that was measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.table import Table

from matchbook.cli.app import App, command
from matchbook.cli.progress import spinning
from matchbook.jobs import Job
from matchbook.settings import Settings

if TYPE_CHECKING:
    from matchbook.audiences import Definition
    from matchbook.lookalikes import Study
    from matchbook.lookalikes.evaluating import Evaluated

_client = click.argument("client")
_file = click.Path(exists=True, dir_okay=False, path_type=Path)
_POOLS = ("everyone", "matched", "cep_contact", "cep_reachable")


def _wish(function: Callable[..., None]) -> Callable[..., None]:
    """What `study` and `save` are told alike."""
    for option in (
        click.option("--with-seed", is_flag=True, help="The seed's own people come in besides."),
        click.option("--exclude", multiple=True, help="An audience whose people stay out."),
        click.option("--destination", default="mapp_cep", help="mapp_cep or a partner."),
        click.option("--pool", type=click.Choice(_POOLS), default="everyone", show_default=True),
        click.option("--name", help="As people call it; else after the seed."),
    ):
        function = option(function)
    return function


@click.group()
def lookalike() -> None:
    """People most like those of an audience."""


@command("study", example="matchbook lookalike study oakhouse good-customers")
@_client
@click.argument("seed")
@_wish
def study(app: App, client: str, seed: str, **wish: Any) -> None:
    """Learn who is like an audience and tell how good a list would be; nothing is saved."""
    from matchbook.lookalikes.finding import study_now

    with spinning(app, "Learning"):
        found = study_now(app.settings, client, _definition(seed, 100, wish))
    _tell(app, found)


@command("save", example='matchbook lookalike save oakhouse good-customers 1000 --by "A. Vos"')
@_client
@click.argument("seed")
@click.argument("people", type=click.IntRange(100))
@_wish
@click.option("--by", required=True, help="Who says so; kept as proof.")
def save(app: App, client: str, seed: str, people: int, by: str, **wish: Any) -> None:
    """Save the likest people as an audience; `audiences refresh` or the next night fills it."""
    from matchbook.kept_audiences import store

    made = store.create(app.settings, client, _definition(seed, people, wish), by=by)
    app.emit({"audience_id": made.audience_id}, f"Saved {made.audience_id}.")


@command("list", example="matchbook lookalike list oakhouse")
@_client
def list_studies(app: App, client: str) -> None:
    """What was studied, the newest first, with its label."""
    from matchbook.lookalikes import all_of, drift

    table = Table("key", "name", "label", "as of", "drift", box=None)
    found = all_of(app.settings, client)
    for one in found:
        table.add_row(
            one.key, one.name, one.label or "refused", f"{one.as_of:%Y-%m-%d}", drift(one)
        )
    rows = [{"key": one.key, "name": one.name, "label": one.label} for one in found]
    app.emit({"client_id": client, "studies": rows}, table)


@command("show", example="matchbook lookalike show oakhouse 3f6c09d1a2b4e587")
@_client
@click.argument("key")
def show(app: App, client: str, key: str) -> None:
    """A study as it was last made; `list` has the keys."""
    from matchbook.errors import AudienceInvalid
    from matchbook.lookalikes import read

    found = read(app.settings, client, key)
    if found is None:
        raise AudienceInvalid(
            "There is no study of that key.",
            kept="Nothing was changed.",
            todo="See them with: matchbook lookalike list",
        )
    _tell(app, found)


@command("evaluate", example="matchbook lookalike evaluate --table bank.csv --seed-column y")
@click.argument("client", required=False)
@click.argument("seed", required=False)
@click.option("--table", type=_file, help="A CSV or Parquet file instead of an audience.")
@click.option("--seed-column", default="seed", show_default=True, help="0 or 1: who is seed.")
@click.option("--key", help="The column that names people; it is no feature.")
@click.option("--drop", multiple=True, help="A column that is no feature either.")
@click.option("--draws", type=click.IntRange(1, 20), default=5, show_default=True)
def evaluate(app: App, client: str | None, seed: str | None, draws: int, **given: Any) -> None:
    """Hide half of a seed, find it again, and compare with four other ways of doing so.

    Either an audience of a client, or any table with features and a column of 0 and 1.
    """
    from matchbook.lookalikes.evaluating import evaluate_audience, evaluate_table

    if (given["table"] is None) == (client is None or seed is None):
        raise click.UsageError("Name a client and an audience, or a --table.")
    numbers = range(1, draws + 1)
    with spinning(app, "Learning"):
        if given["table"] is not None:
            wanted = {name: given[name] for name in ("seed_column", "key", "drop")}
            found = evaluate_table(given["table"], numbers, **wanted)
        else:
            found = evaluate_audience(app.settings, client or "", seed or "", numbers)
    _tell_evaluation(app, found, draws)


for _command in (study, save, list_studies, show, evaluate):
    lookalike.add_command(_command)


def study_job(settings: Settings, job: Job, say: Callable[[str], None]) -> dict[str, Any]:
    """The job a page asks for through `lookalikes.ask`; the study is then kept."""
    from matchbook.audiences import read
    from matchbook.lookalikes.finding import study_now

    say("Learning who is like the seed")
    found = study_now(settings, job.client_id or "", read(job.arguments["definition"]))
    return {"key": found.key, "label": found.label, "refusal": list(found.refusal)}


def _definition(seed: str, people: int, wish: dict[str, Any]) -> Definition:
    from matchbook.lookalikes import lookalike as definition_of

    name = wish.pop("name") or f"Like {seed}"
    return definition_of(name=name, seed=seed, people=people, **wish)


def _tell(app: App, found: Study) -> None:
    from matchbook.lookalikes import drift, in_words

    words = [found.label.capitalize() + "." if found.label else "", *found.refusal, found.rule]
    if found.sizes and not found.refusal:
        words.insert(1, in_words(found.sizes[0].quality))
    lines = [*words, *found.remarks, drift(found), *(f"- {r}" for r in found.reasons)]
    data = found.model_dump(mode="json")
    app.emit(data, *filter(None, lines), _sizes(found), *found.not_used)


def _tell_evaluation(app: App, found: Evaluated, draws: int) -> None:
    columns = ("", "AUC", "±", "of 100 at the hidden size", "lift at 1 %", "5 %", "10 %", "seconds")
    table = Table(*columns, box=None)
    for one in found.methods:
        table.add_row(
            one.method, f"{one.auc:.4f}", f"{one.spread:.4f}", f"{100 * one.precision:.1f}",
            *(f"{lift:.1f}" for lift in one.lifts), f"{one.seconds:.1f}",
        )  # fmt: skip
    told = (
        f"{found.people:,} people, {found.seed:,} of them seed, {found.features} features; half of "
        f"the seed hidden {draws} times: means, and ± the standard deviation."
    )
    app.emit(asdict(found), told, table)


def _sizes(found: Study) -> Table:
    from matchbook.disclosure import written

    columns = ("people", "of 100", "between", "at random", "most active", "reachable in CEP")
    table = Table(*columns, box=None)
    for one in found.sizes:
        told = one.quality
        active = f"{100 * told.most_active:.0f}" if told.most_active is not None else ""
        table.add_row(
            f"{told.size:,}", f"{100 * told.precision:.0f}",
            f"{100 * told.low:.0f}–{100 * told.high:.0f}", f"{100 * told.random:.1f}", active,
            written(one.reachable),
        )  # fmt: skip
    return table
