"""Rotating the identifiers' key: what is stored under the old version is wrapped in the new one.

Noted before it begins, so that a night completes what was cut short. Collectors that still make
keys of the old version are understood: what they write is wrapped when it lands.
"""

from __future__ import annotations

from collections.abc import Callable

from matchbook import audit, runs
from matchbook.cli import inputs
from matchbook.cli.erasing import remade
from matchbook.erasure import requests
from matchbook.failpoints import failpoint
from matchbook.files import write_whole
from matchbook.identifiers import IDENTIFIER_TYPES, key_versions
from matchbook.keys import add_version, load_keys
from matchbook.settings import Settings
from matchbook.snapshots import published

Say = Callable[[str], None]

NOTE = "identifiers.rotating"


def rotate_identifiers(settings: Settings, run: runs.Recorder, *, say: Say, by: str) -> int:
    """Make a new version and wrap everything in it, under the caller's run lock; its number."""
    write_whole(settings.keys / NOTE, by)
    version = add_version(settings.keys, "identifiers")
    failpoint("rekey.key_made")
    resume(settings, run, say=say)
    return version


def is_unfinished(settings: Settings) -> bool:
    """Whether a rotation was cut short."""
    return (settings.keys / NOTE).exists()


def resume(settings: Settings, run: runs.Recorder, *, say: Say = lambda _: None) -> None:
    """Complete a rotation that was begun; nothing where none was."""
    from ingest.rekeying import rekey

    if not is_unfinished(settings):
        return
    run.step("rekey")
    keys = load_keys(settings.keys)
    newest = len(keys.identifiers) - 1

    def newer(key: str) -> list[str]:
        """A suppressed key does not say of which type it is: those of others name nobody."""
        return [key_versions(keys, kind, key, above=newest)[-1] for kind in IDENTIFIER_TYPES]

    requests.hold_newer(settings, newer)
    say("Wrapping the lake's identifier keys")
    rekey(settings, keys)
    failpoint("rekey.lake_rewritten")
    if published(settings) is not None:
        made = remade(settings, run, say)
        inputs.remember(settings, inputs.current(settings), made.invocation_id)
    else:
        # The next landing makes it anew from the lake.
        settings.warehouse.unlink(missing_ok=True)
    by = (settings.keys / NOTE).read_text()
    audit.record(settings, actor=by, client_id=None, action="key_rotated", subjects=0)
    (settings.keys / NOTE).unlink()
