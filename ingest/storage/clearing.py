"""Taking a file out of the storage once it is landed or refused here, and not before."""

from __future__ import annotations

import posixpath

from ingest.storage.noted import Noted, forget
from ingest.storage.offers import MARKERS
from ingest.storage.place import Place
from matchbook.failpoints import failpoint
from matchbook.settings import Settings


def clear_away(settings: Settings, place: Place, file: Noted, *, after: str) -> None:
    """Delete or archive the version that was taken; a newer one stays and is taken next.

    A file with raw personal data is deleted, never archived. Raises StorageUnavailable.
    """
    now = place.look(file.path)
    if now is not None and now.version == file.version:
        for suffix in MARKERS:
            place.remove(file.path + suffix)
        target = archived(file)
        if after == "delete" or file.erase or place.look(target) is not None:
            place.remove(file.path)
        else:
            place.archive(file.path, target)
        failpoint("storage.source_removed")
    forget(settings, file)


def archived(file: Noted) -> str:
    """`archive/audience=…/<mode>/<name>-<12 digits of its SHA-256>.csv`: same name, same bytes."""
    folder, name = posixpath.split(file.path.replace("onboard/", "archive/", 1))
    stem, dot, endings = name.partition(".csv")
    return f"{folder}/{stem}-{(file.sha256 or '')[:12]}{dot}{endings}"
