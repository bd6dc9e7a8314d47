"""`matchbook ingest pixels|crm|baseline`: land files that are given by name."""

from __future__ import annotations

import getpass
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from matchbook import registry, runs
from matchbook.cli.app import App, command, describe
from matchbook.cli.loads import as_data, reasons_of, summed, table_of
from matchbook.cli.progress import counted
from matchbook.errors import InputRejected, MatchbookError
from matchbook.keys import load_keys
from matchbook.warehouse import open_warehouse, run_lock

if TYPE_CHECKING:
    from ingest.landing import LoadResult

MODES = ("opt-in", "opt-out", "replace")
CONVENTION = re.compile(r"(?:^|/)audience=(?P<list_id>[^/]+)/(?P<mode>opt-in|opt-out|replace)/")
"""digitalAudience's folder convention: onboard/audience=<list>/<mode>/<file>."""

BASELINE = re.compile(r"(?:^|/)client=(?P<client_id>[^/]+)/partner=(?P<partner_id>[^/]+)/[^/]+$")
"""Where a partner's own matched ids lie: baseline/client=<client>/partner=<partner>/<file>."""

SIDE_FILES = (".manifest.json", ".done", ".part")

Land = Callable[[Any, Path], "LoadResult"]


@click.group()
def ingest() -> None:
    """Land log files, CRM files or partners' baselines that you name.

    `matchbook nightly` lands what waits in the inbox; this is for files elsewhere. The files
    given are read, never moved or deleted.
    """


@command(
    "pixels", example="matchbook ingest pixels --host px.shop.example /var/log/nginx/access.log.1"
)
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--host", help="Host name the log belongs to, for formats that do not hold one.")
def pixels(app: App, paths: tuple[Path, ...], host: str | None) -> None:
    """Land web-server logs or collector segments; folders are searched.

    The format is found out by itself: combined or JSON lines, plain, gzip or zstd.
    """
    from ingest.pixel_logs import land_pixel_log

    settings = app.settings
    entries, keys = registry.current(settings), load_keys(settings.keys)

    def land(connection: Any, path: Path) -> LoadResult:
        return land_pixel_log(connection, settings, path, registry=entries, keys=keys, host=host)

    _land_all(app, paths, land)


@command(
    "crm",
    example="matchbook ingest crm --list shop-newsletter --mode opt-in contacts.csv.gz",
)
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--list", "list_id", help="The list; not needed for paths by the convention.")
@click.option("--mode", type=click.Choice(MODES), help="What the file does to the list.")
@click.option("--confirm-shrink", is_flag=True, help="Allow `replace` to drop over 30 % of a list.")
def crm(
    app: App, paths: tuple[Path, ...], list_id: str | None, mode: str | None, confirm_shrink: bool
) -> None:
    """Land CRM files of hashed identifiers.

    A file under onboard/audience=<list>/<opt-in|opt-out|replace>/ needs neither --list nor
    --mode. A file that holds a raw e-mail, phone number or address is refused whole.
    """
    from ingest.crm_uploads import land_crm_file

    settings = app.settings
    entries, keys = registry.current(settings), load_keys(settings.keys)

    def land(connection: Any, path: Path) -> LoadResult:
        target = _list_and_mode(path, list_id, mode)
        return land_crm_file(
            connection, settings, path, list_id=target[0], mode=target[1],
            registry=entries, keys=keys, confirm_shrink=confirm_shrink,
            uploaded_by=f"{getpass.getuser()}, on the command line",
        )  # fmt: skip

    _land_all(app, paths, land)


@command(
    "baseline",
    example="matchbook ingest baseline --client shop --partner tealium their-matches.csv.gz",
)
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--client", "client_id", help="Whose records; not needed for paths by convention.")
@click.option("--partner", "partner_id", help="Whose pairs; not needed for paths by convention.")
def baseline(
    app: App, paths: tuple[Path, ...], client_id: str | None, partner_id: str | None
) -> None:
    """Land the matched ids that a partner had by itself.

    A CSV with the columns partner_cookie_id and crm_record_id, or the partner's own names for
    them. The newest file of a client and partner replaces the one before it.
    """
    from ingest.baselines import land_baseline

    settings = app.settings
    entries = registry.current(settings)

    def land(connection: Any, path: Path) -> LoadResult:
        client, partner = _client_and_partner(path, client_id, partner_id)
        return land_baseline(
            connection, settings, path, client_id=client, partner_id=partner, registry=entries
        )

    _land_all(app, paths, land)


ingest.add_command(pixels)
ingest.add_command(crm)
ingest.add_command(baseline)


def _land_all(app: App, paths: tuple[Path, ...], land: Land) -> None:
    from ingest.landing import recover

    settings, files = app.settings, list(_files(paths))
    loads: list[LoadResult] = []
    refused: list[tuple[Path, MatchbookError]] = []
    with (
        run_lock(settings, command="matchbook ingest"),
        runs.recorded(settings, "ingest"),
        open_warehouse(settings) as connection,
        counted(app, "Landing") as progress,
    ):
        recover(connection, settings)
        for number, path in enumerate(files):
            progress(number, len(files))
            try:
                loads.append(land(connection, path))
            except InputRejected as error:
                refused.append((path, error))
    _show(app, loads, refused)


def _show(app: App, loads: list[LoadResult], refused: list[tuple[Path, MatchbookError]]) -> None:
    data = summed(loads) | {"loads": [as_data(load) for load in loads]}
    data["refused"] = [{"file": path.name} | describe(error) for path, error in refused]
    app.emit(data, table_of(loads), *filter(None, [reasons_of(loads)]))
    for _, error in refused:
        app.say(str(error))
    if refused:
        raise click.exceptions.Exit(refused[0][1].exit_code)


def _files(paths: tuple[Path, ...]) -> Iterator[Path]:
    for path in paths:
        if not path.exists():
            raise InputRejected(
                "missing",
                f"There is no file or folder {path}.",
                kept="Nothing was landed.",
                todo="Check the path.",
            )
        inside = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        yield from (p for p in inside if path == p or not p.name.endswith(SIDE_FILES))


def _list_and_mode(path: Path, list_id: str | None, mode: str | None) -> tuple[str, str]:
    found = CONVENTION.search(path.resolve().as_posix())
    list_id = list_id or (found["list_id"] if found else None)
    mode = mode or (found["mode"] if found else None)
    if list_id is None or mode is None:
        raise InputRejected(
            "no_list",
            f"{path.name}: the list or the mode is not known.",
            kept="The file was not landed.",
            todo="Give --list and --mode, or put it under onboard/audience=<list>/<mode>/.",
        )
    return list_id, mode


def _client_and_partner(
    path: Path, client_id: str | None, partner_id: str | None
) -> tuple[str, str]:
    found = BASELINE.search(path.resolve().as_posix())
    client_id = client_id or (found["client_id"] if found else None)
    partner_id = partner_id or (found["partner_id"] if found else None)
    if client_id is None or partner_id is None:
        raise InputRejected(
            "no_partner",
            f"{path.name}: the client or the partner is not known.",
            kept="The file was not landed.",
            todo="Give --client and --partner, or put it under client=<client>/partner=<partner>/.",
        )
    return client_id, partner_id
