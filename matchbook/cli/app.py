"""What all commands share: settings, output, and errors turned into exit codes."""

from __future__ import annotations

import functools
import importlib
import json
import os
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import click
from rich.console import Console, RenderableType

from matchbook import log
from matchbook.errors import InputRejected, MatchbookError
from matchbook.log import place_of
from matchbook.settings import Settings

__all__ = ["COMMANDS", "App", "command", "describe", "main", "place_of", "report"]

COMMANDS = {
    "demo": "demo",
    "nightly": "night",
    "onboard": "onboard",
    "storage": "storage",
    "partners": "partners",
    "ingest": "ingest",
    "build": "build",
    "publish": "out",
    "deliver": "out",
    "redeliver": "redeliver",
    "collect": "collect",
    "work": "work",
    "rebuild": "rebuild",
    "status": "status",
    "doctor": "doctor",
    "dashboard": "dashboard",
    "registry": "registry",
    "check-pixel": "check_pixel",
    "switch": "switches",
    "declare": "switches",
    "conflicts": "conflicts",
    "audiences": "audiences",
    "lookalike": "lookalikes",
    "push": "push",
    "push-webhook": "push",
    "alerts": "alerts",
    "report": "report",
    "privacy": "privacy",
    "team": "team",
    "audit": "team",
    "keys": "keys",
    "links": "links",
    "hash": "hashing",
    "move-state": "moving",
    "objects": "objects",
}
"""Command → the module of this package that has it."""

UNEXPECTED = 70


@dataclass
class App:
    """One invocation: where things are, and how to talk to whoever called."""

    overrides: dict[str, str] = field(default_factory=dict)
    verbose: bool = False
    as_json: bool = False
    err: Console = field(default_factory=lambda: Console(stderr=True, highlight=False))

    @property
    def settings(self) -> Settings:
        """The environment's settings with the options given on top."""
        return Settings.from_environment({**os.environ, **self.overrides})

    def emit(self, data: dict[str, Any], *text: RenderableType) -> None:
        """The result: `data` as JSON for scripts, else `text` for people, on stdout."""
        if self.as_json:
            click.echo(json.dumps(data, default=str))
            return
        for part in text:
            Console(highlight=False).print(part, soft_wrap=isinstance(part, str), markup=False)

    def say(self, text: str) -> None:
        """A remark for people, on stderr."""
        self.err.print(text, markup=False, soft_wrap=True)


class LazyGroup(click.Group):
    """The top group; reports every error once, as a sentence and an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module that has the command."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"matchbook.cli.{COMMANDS[cmd_name]}")
        found: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return found

    def invoke(self, ctx: click.Context) -> Any:
        """Run, translating errors; nothing below this level prints one."""
        try:
            return super().invoke(ctx)
        except MatchbookError as error:
            report(ctx.obj or App(), error)
            ctx.exit(error.exit_code)
        except (click.ClickException, click.exceptions.Exit, click.Abort, KeyboardInterrupt):
            raise
        except Exception as error:  # noqa: BLE001 - the last resort, so that no value of a file is shown
            _report_unexpected(ctx.obj or App(), error)
            ctx.exit(UNEXPECTED)


def command(name: str, *, example: str) -> Callable[[Callable[..., None]], click.Command]:
    """A command that takes `App` first and has the options all commands have."""

    def wrap(function: Callable[..., None]) -> click.Command:
        @click.command(name, epilog=f"\b\nExample:\n  {example}")
        @click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
        @click.option("--home", hidden=True)
        @click.option("--now", hidden=True)
        @click.option("--verbose", is_flag=True, hidden=True)
        @functools.wraps(function)  # carries the parameters that decorate it
        def run(*, as_json: bool, home: str | None, now: str | None, **rest: Any) -> None:
            app: App = click.get_current_context().obj
            app.as_json = as_json
            _configure(app, home, now, rest.pop("verbose"))
            function(app, **rest)

        return run

    return wrap


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--home", help="Folder that holds everything; else MATCHBOOK_HOME, else var/.")
@click.option("--now", help="Fix the clock, ISO 8601; for demos and old data.")
@click.option("--verbose", is_flag=True, help="Log lines as JSON on stderr.")
@click.version_option(package_name="matchbook-dmp", message="%(version)s")
@click.pass_context
def main(ctx: click.Context, home: str | None, now: str | None, verbose: bool) -> None:
    """Which CRM contacts can be recognised on the web, at which partner.

    A newcomer starts with `matchbook demo`. A deployment runs `matchbook nightly` from cron
    and `matchbook dashboard` as a service. Results go to stdout, remarks to stderr.

    \b
    Exit codes: 0 done · 65 a file was refused · 69 nothing published yet
    70 the build failed · 74 a destination failed · 75 another run is busy
    78 the environment is wrong
    """
    ctx.obj = App()
    _configure(ctx.obj, home, now, verbose)


def _configure(app: App, home: str | None, now: str | None, verbose: bool) -> None:
    given = {"MATCHBOOK_HOME": home, "MATCHBOOK_NOW": now}
    app.overrides |= {name: value for name, value in given.items() if value}
    app.verbose = app.verbose or verbose
    log.configure(verbose=app.verbose)


def report(app: App, error: MatchbookError) -> None:
    """What happened, what was kept, what to do: on stderr, and as JSON if that was asked."""
    for sentence in (error.happened, error.kept, error.todo):
        if sentence:
            app.say(sentence)
    if app.as_json:
        click.echo(json.dumps({"error": describe(error)}))


def describe(error: MatchbookError) -> dict[str, str]:
    """An error as the JSON output has it."""
    found = {"kind": type(error).__name__, "happened": error.happened}
    found |= {"kept": error.kept, "todo": error.todo}
    if isinstance(error, InputRejected):
        found["reason"] = error.reason
    return found


def _report_unexpected(app: App, error: Exception) -> None:
    place = place_of(error)
    app.say(f"Something unforeseen went wrong: {place}.")
    app.say("What had been committed is kept; running the command again completes the rest.")
    app.say("If it happens again, please report that line.")
    if app.verbose:
        app.say("".join(traceback.format_tb(error.__traceback__)))
    if app.as_json:
        click.echo(json.dumps({"error": {"kind": "Unexpected", "happened": place}}))
