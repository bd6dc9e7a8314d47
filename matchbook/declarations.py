"""Consent declarations: that a site's or publisher's calls arrive only after consent.

The documented calls carry no consent parameters. Without a declaration such a call is
answered and not tracked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from matchbook import registry
from matchbook.errors import ConfigError
from matchbook.registry import Declaration, Publisher, Registry, Site
from matchbook.settings import Settings

Declaring = TypeVar("Declaring", Site, Publisher)

KINDS = ("site", "publisher")


def declare(settings: Settings, kind: str, name: str, *, by: str, wording: str) -> Declaration:
    """Record who declares it, now and in which words; replaces an earlier declaration.

    `name` is a site's or publisher's id. Raises ConfigError when there is none.
    """
    if not by.strip() or not wording.strip():
        raise ConfigError(
            "A declaration needs a name and a wording.",
            kept="The registry was not changed.",
            todo="They are kept as proof; say who declares it and in which words.",
        )
    now = settings.clock.now().replace(microsecond=0)
    made = Declaration(declared_at=now, declared_by=by.strip(), wording=wording.strip())
    _set(settings, kind, name, made, by=by)
    return made


def withdraw(settings: Settings, kind: str, name: str, *, by: str) -> None:
    """From now on calls that say nothing about consent are not tracked."""
    _set(settings, kind, name, None, by=by)


def _set(settings: Settings, kind: str, name: str, word: Declaration | None, *, by: str) -> None:
    def alter(document: Registry) -> Registry:
        if kind == "site":
            return document.model_copy(update={"sites": _with(document.sites, name, word)})
        return document.model_copy(update={"publishers": _with(document.publishers, name, word)})

    registry.change(settings, alter, by=by)


def _with(
    all_of_them: Sequence[Declaring], name: str, word: Declaration | None
) -> tuple[Declaring, ...]:
    if name not in map(_id, all_of_them):
        raise ConfigError(
            "There is no site or publisher of this id.",
            kept="The registry was not changed.",
            todo="`matchbook declare list` names them.",
        )
    return tuple(
        one.model_copy(update={"consent_declaration": word}) if _id(one) == name else one
        for one in all_of_them
    )


def _id(one: Site | Publisher) -> str:
    return one.site_id if isinstance(one, Site) else one.publisher_id
