"""What the stand-in knows: system users, groups with their members, contacts, blacklists."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

FIRST_GROUP = 1800150437
FIRST_CONTACT = 18067305231


class Refusal(Exception):
    """An error answer: HTTP status, `errorCode`, message and the fields that go with the code."""

    def __init__(self, status: int, code: str, message: str, **more: Any) -> None:
        self.status, self.code, self.message, self.more = status, code, message, more
        super().__init__(message)

    @property
    def body(self) -> dict[str, Any]:
        actor = "SERVER" if self.status >= 500 else "CLIENT"
        said = {"errorActor": actor, "errorCode": self.code, "message": self.message}
        return said | self.more


def unknown(kind: str, name: str, value: object) -> Refusal:
    return Refusal(
        400, "NO_SUCH_OBJECT", f"{kind} with {name}={value} does not exist.",
        objectType=kind, propertyName=name, propertyValue=str(value),
    )  # fmt: skip


def taken(kind: str, name: str, value: object) -> Refusal:
    return Refusal(
        400, "OBJECT_ALREADY_EXISTS", f"{kind} with {name}= {value} does already exist.",
        objectType=kind, propertyName=name, propertyValue=str(value),
    )  # fmt: skip


@dataclass
class SystemUser:
    """Who may log in; only API and HYBRID users use the API (G2)."""

    password: str
    kind: str = "API"
    is_expired: bool = False


@dataclass
class Group:
    id: int
    name: str
    email: str
    description: str = ""
    status: str = "active"
    cloned_from: int | None = None
    is_locked: bool = False
    members: dict[int, str] = field(default_factory=dict)
    """Contact → since when."""
    attributes: dict[str, str] = field(default_factory=dict)
    blacklist: list[str] = field(default_factory=list)
    pending: list[int] = field(default_factory=list)
    opted_out: list[int] = field(default_factory=list)
    messages: list[int] = field(default_factory=list)

    @property
    def shown(self) -> dict[str, Any]:
        return {"id": self.id, "name": self.name, "description": self.description,
                "email": self.email}  # fmt: skip


@dataclass
class Contact:
    id: int
    email: str | None = None
    mobile: str | None = None
    identifier: str | None = None
    profile: dict[str, Any] = field(default_factory=dict)

    @property
    def shown(self) -> dict[str, Any]:
        return {"id": self.id, "email": self.email, "mobileNumber": self.mobile,
                "identifier": self.identifier}  # fmt: skip


@dataclass
class Store:
    """One customer's system."""

    users: dict[str, SystemUser] = field(default_factory=dict)
    groups: dict[int, Group] = field(default_factory=dict)
    contacts: dict[int, Contact] = field(default_factory=dict)
    blacklist: list[str] = field(default_factory=list)
    forbidden: list[int] = field(default_factory=list)
    """Groups that the API user has no permission for."""
    domains: list[str] = field(default_factory=lambda: ["mail.example.com"])
    last_id: int = FIRST_GROUP + 100

    def switch(self, name: str, value: Any) -> bool:
        """A switch of what the system holds, by its name in `/__control`; False: none of these."""
        if name == "permission_denied_groups":
            self.forbidden = list(value)
        elif name == "lock_group":
            self.groups[int(value)].is_locked = True
        elif name == "unlock_group":
            self.groups[int(value)].is_locked = False
        elif name == "expire_user":
            self.users[value].is_expired = True
        else:
            return False
        return True

    def new_id(self) -> int:
        self.last_id += 1
        return self.last_id

    def group(self, group_id: int, *, active: bool = False) -> Group:
        """G14, and groups that are archived."""
        if group_id in self.forbidden:
            raise Refusal(
                400, "PERMISSION_DENIED",
                f"Permission 'group_view' denied: SystemUser '1' on group '{group_id}'.",
                errorId=None,
            )  # fmt: skip
        found = self.groups.get(group_id)
        if found is None:
            raise unknown("Group", "id", group_id)
        if active and found.status == "archived":
            raise Refusal(
                400, "NO_SUCH_OBJECT", f"Group with id={group_id} is archived.",
                objectType="Group", propertyName="id", propertyValue=str(group_id),
            )  # fmt: skip
        if active and found.is_locked:
            raise Refusal(
                400, "OPERATION_DISABLED", "Resource type: LOCK_IMPORT_SENDOUT, instance: group="
                f"{group_id} cannot be locked in exclusive mode.",
            )  # fmt: skip
        return found

    def contact(self, contact_id: int) -> Contact:
        found = self.contacts.get(contact_id)
        if found is None:
            raise unknown("User", "id", contact_id)
        return found

    def by_email(self, email: str) -> Contact:
        """G13: case does not matter."""
        if "@" not in email:
            message = "Parameter 'email' is not a valid email address."
            raise Refusal(400, "INVALID_PARAMETER", message, parameterName="email")
        for contact in self.contacts.values():
            if (contact.email or "").lower() == email.lower():
                return contact
        raise unknown("User", "email", email)

    def is_blacklisted(self, contact: Contact, group: Group) -> bool:
        listed = {entry.lower() for entry in (*self.blacklist, *group.blacklist)}
        email = (contact.email or "").lower()
        return email in listed or email.partition("@")[2] in listed

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    def save(self, path: Path) -> None:
        part = path.with_name(path.name + ".part")
        part.write_text(self.to_json())
        part.replace(path)

    @classmethod
    def load(cls, path: Path) -> Store:
        said = json.loads(path.read_text())
        groups = {int(k): Group(**_numbered(v, "members")) for k, v in said.pop("groups").items()}
        contacts = {int(k): Contact(**v) for k, v in said.pop("contacts").items()}
        users = {k: SystemUser(**v) for k, v in said.pop("users").items()}
        return cls(users=users, groups=groups, contacts=contacts, **said)


def _numbered(said: dict[str, Any], name: str) -> dict[str, Any]:
    return said | {name: {int(key): value for key, value in said[name].items()}}


API_USER, PASSWORD = "api@shop.example", "k0rrekt+[horse]"


def example_store(contacts: int = 0, *, first: int = FIRST_CONTACT) -> Store:
    """A default, an archived, a forbidden and a locked group, users of all kinds, contacts."""
    store = Store()
    store.users = {
        API_USER: SystemUser(PASSWORD),
        "hybrid@shop.example": SystemUser(PASSWORD, "HYBRID"),
        "person@shop.example": SystemUser(PASSWORD, "PERSON"),
        "expired@shop.example": SystemUser(PASSWORD, is_expired=True),
    }
    names = ("Default group", "Old campaign", "Board only", "Sendout running")
    for number, name in enumerate(names):
        group = Group(FIRST_GROUP + number, name, f"group{number}@mail.example.com")
        store.groups[group.id] = group
    store.groups[FIRST_GROUP].messages = [1800197358]
    store.groups[FIRST_GROUP + 1].status = "archived"
    store.forbidden = [FIRST_GROUP + 2]
    store.groups[FIRST_GROUP + 3].is_locked = True
    for number in range(contacts):
        plus = "+news" if number % 7 == 0 else ""
        contact = Contact(first + number, f"contact{number}{plus}@example.org")
        store.contacts[contact.id] = contact
    return store
