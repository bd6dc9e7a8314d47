"""Who may do what: the roles people have at clients, and the installation's operator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from matchbook.errors import PermissionDenied


class Action(StrEnum):
    """What somebody may be allowed to do; each but the last at one client."""

    READ = "read"
    UPLOAD = "upload"
    BUILD_AUDIENCE = "build_audience"
    PUSH = "push"
    SETTINGS = "settings"
    USERS = "users"
    ERASE = "erase"
    LOOK_UP = "look_up"
    AUDIT = "audit"
    HEALTH = "health"
    """Of the whole installation: loads, builds and deliveries of every client, no rows."""


class Role(StrEnum):
    """What a person is at a client; each may do what the one before it may."""

    ANALYST = "analyst"
    MARKETER = "marketer"
    MANAGER = "manager"


_MARKETER = frozenset({Action.READ, Action.UPLOAD, Action.BUILD_AUDIENCE, Action.PUSH})

ALLOWED: Mapping[Role, frozenset[Action]] = {
    Role.ANALYST: frozenset({Action.READ}),
    Role.MARKETER: _MARKETER,
    Role.MANAGER: frozenset(Action) - {Action.HEALTH},
}
"""docs/access.md has the same table."""

WORDS = {
    Action.READ: "see this client",
    Action.UPLOAD: "upload files",
    Action.BUILD_AUDIENCE: "build audiences",
    Action.PUSH: "push audiences",
    Action.SETTINGS: "change settings",
    Action.USERS: "change who is in the team",
    Action.ERASE: "enter opt-outs and erasures",
    Action.LOOK_UP: "look up single records",
    Action.AUDIT: "read the audit log",
    Action.HEALTH: "see how the whole installation does",
}


@dataclass(frozen=True)
class Person:
    """Somebody who is let in, with what they may do."""

    name: str
    """As it stands in histories and the audit log."""
    roles: Mapping[str, Role] = field(default_factory=dict)
    """By client."""
    is_operator: bool = False
    is_local: bool = False
    """Whoever sits at this computer, where nobody signs in: may do everything."""

    def may(self, client_id: str | None, action: Action) -> bool:
        """Whether this is allowed to them at this client."""
        if self.is_local:
            return True
        if action is Action.HEALTH:
            return self.is_operator
        role = self.roles.get(client_id or "")
        return role is not None and action in ALLOWED[role]

    def may_anywhere(self, action: Action) -> bool:
        """Whether it is allowed to them at one client at least."""
        return self.may(None, action) or any(self.may(client, action) for client in self.roles)


def denied(action: Action) -> PermissionDenied:
    """The refusal, in words; it says nothing of what there would be to see."""
    ask = "an operator" if action is Action.HEALTH else "a manager of the client"
    return PermissionDenied(
        f"You may not {WORDS[action]}.",
        kept="Nothing was shown or changed.",
        todo=f"Ask {ask} for the role that may.",
    )
