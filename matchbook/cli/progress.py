"""Progress bars on stderr; silent where nobody watches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from matchbook.cli.app import App


@contextmanager
def counted(app: App, title: str) -> Iterator[Callable[[int, int], None]]:
    """A bar that is moved by calling it with how much is done and how much there is."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    shown = app.err.is_terminal
    with Progress(
        *columns, TimeElapsedColumn(), console=app.err, transient=True, disable=not shown
    ) as bars:
        task = bars.add_task(title, total=None)
        yield lambda done, total: bars.update(task, completed=done, total=total)


@contextmanager
def spinning(app: App, title: str) -> Iterator[Callable[[str], None]]:
    """A spinner whose text is changed by calling it."""
    if not app.err.is_terminal:
        yield lambda text: None
        return
    with app.err.status(title) as status:
        yield status.update
