"""The API's methods (#1–#23 of the contract): parameters and body in, status and payload out."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.cep_server.store import Contact, Group, Refusal, Store, taken, unknown

Parameters = dict[str, str]
Answer = tuple[int, Any]
NOTHING: Answer = (204, None)
SINCE = "2026-11-21 03:10:00.0"
EMAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+")


@dataclass
class Call:
    """One call that was let in."""

    store: Store
    parameters: Parameters
    body: Any
    has_body: bool
    options: dict[str, Any]
    """Switches of the contract's [I] rules."""

    def text(self, name: str) -> str:
        """G7."""
        value = self.parameters.get(name)
        if value is None or value == "":
            raise _missing(name)
        return value

    def number(self, name: str) -> int:
        """G8."""
        value = self.text(name)
        if re.fullmatch(r"-?\d{1,19}", value):
            return int(value)
        if self.options.get("bad_numbers") == "400":
            raise Refusal(400, "INVALID_PARAMETER", "Bad number.", parameterName=name)
        raise Refusal(404, "INVALID_REQUEST", "Not Found")

    def document(self, kind: type) -> Any:
        if not self.has_body:
            message = "The request didn't contain a request entity."
            raise Refusal(400, "INVALID_REQUEST", message)
        if not isinstance(self.body, kind):
            message = "The provided JSON object representation is incorrect."
            raise Refusal(400, "INVALID_REQUEST", message)
        return self.body


def _missing(name: str) -> Refusal:
    return Refusal(
        400, "MISSING_PARAMETER", f"Parameter '{name}' is mandatory but no value was specified.",
        parameterName=name, propertyName=None, value="null",
    )  # fmt: skip


@dataclass(frozen=True)
class Method:
    verbs: tuple[str, ...]
    since: int
    answer: Callable[[Call], Answer]


METHODS: dict[str, Method] = {}


def method(
    path: str, *verbs: str, since: int = 1
) -> Callable[[Callable[[Call], Answer]], Callable[[Call], Answer]]:
    def wrap(answer: Callable[[Call], Answer]) -> Callable[[Call], Answer]:
        METHODS[path] = Method(verbs, since, answer)
        return answer

    return wrap


@method("system/getApiVersion", "GET")
def api_version(call: Call) -> Answer:
    return 200, str(call.options.get("api_version", "6"))


@method("system/getEcmVersion", "GET")
def ecm_version(_call: Call) -> Answer:
    return 200, "Build 6.90.554.7"


@method("group/get", "GET")
def group_get(call: Call) -> Answer:
    return 200, call.store.group(call.number("groupId")).shown


@method("group/clone", "POST")
def group_clone(call: Call) -> Answer:
    source = call.store.group(call.number("groupId"), active=True)
    asked = call.document(dict)
    for name in ("name", "email"):
        if not asked.get(name):
            raise _missing(name)
    _check_group(call, asked["name"], asked["email"], asked.get("description") or "")
    made = Group(call.store.new_id(), asked["name"], asked["email"],
                 asked.get("description") or "", cloned_from=source.id)  # fmt: skip
    if _true(asked.get("includePreparedMessages")):
        made.messages = list(source.messages)
    if _true(asked.get("keepOwner")) or _true(asked.get("withOwnerAsMember")):
        made.members[1] = SINCE
    call.store.groups[made.id] = made
    return 200, made.shown


@method("group/create", "POST")
def group_create(call: Call) -> Answer:
    for name in ("isoCountryCode", "isoLanguageCode", "isSuperGroup"):
        call.text(name)
    _check_group(call, call.text("name"), call.text("email"), "")
    made = Group(call.store.new_id(), call.text("name"), call.text("email"))
    call.store.groups[made.id] = made
    return 200, made.id


def _check_group(call: Call, name: str, email: str, description: str) -> None:
    domain = email.partition("@")[2]
    is_wrong = len(name) > 150 or len(description) > 3000 or not EMAIL.fullmatch(email)
    if is_wrong or domain not in call.store.domains:
        raise Refusal(400, "INVALID_PARAMETER", "The value is too long or not valid.")
    for group in call.store.groups.values():
        if group.email.lower() == email.lower():
            raise taken("Group", "group.Email", email)
        if call.options.get("unique_names", True) and group.name == name:
            raise taken("Group", "group.Name", name)


def _true(value: object) -> bool:
    """G11."""
    return value is True or value == "true"


@method("group/setAttributes", "POST")
def set_attributes(call: Call) -> Answer:
    group = call.store.group(call.number("groupId"), active=True)
    group.attributes |= {one["name"]: one["value"] for one in call.document(list)}
    return NOTHING


@method("group/getAttributes", "GET")
def get_attributes(call: Call) -> Answer:
    found = call.store.group(call.number("groupId")).attributes
    return 200, [{"name": name, "value": value} for name, value in found.items()]


@method("group/findIdsByAttributes", "POST")
def find_ids(call: Call) -> Answer:
    wanted = {one["name"]: one["value"] for one in call.document(list)}
    groups = call.store.groups.values()
    return 200, [g.id for g in groups if wanted and wanted.items() <= g.attributes.items()]


@method("group/archive", "POST")
def archive(call: Call) -> Answer:
    return _set_status(call, "archived")


@method("group/activate", "POST")
def activate(call: Call) -> Answer:
    return _set_status(call, "active")


def _set_status(call: Call, status: str) -> Answer:
    ids = call.document(list)
    if not ids:
        raise Refusal(400, "INVALID_REQUEST", "Bad Request")
    for group_id in ids:
        call.store.group(int(group_id)).status = status
    return 200, [{"entityKey": str(i), "code": None, "message": None} for i in ids]


@method("group/find", "GET", since=19)
def find(call: Call) -> Answer:
    needle = call.parameters.get("nameFilter", "").lower()
    groups = call.store.groups.values()
    found = [g for g in groups if needle in g.name.lower() or needle in g.email.lower()]
    found.sort(key=lambda group: group.name)
    page, size = int(call.parameters.get("page", 0)), int(call.parameters.get("size", 25))
    rows = [
        g.shown | {"memberCount": len(g.members), "messageCount": len(g.messages),
                   "creationDate": 1795230600000, "status": g.status, "categoryId": None}
        for g in found[page * size : (page + 1) * size]
    ]  # fmt: skip
    return 200, {"groups": rows, "total": len(found)}


@method("group/getLockStatus", "GET", since=19)
def lock_status(call: Call) -> Answer:
    group = call.store.groups.get(call.number("groupId"))
    if group is None:
        raise Refusal(404, "INVALID_REQUEST", "Not Found")
    return 200, {"groupId": group.id, "locked": group.is_locked}


@method("group/delete", "POST", since=19)
def delete_groups(call: Call) -> Answer:
    ids = call.document(list)
    if not ids:
        raise Refusal(400, "INVALID_REQUEST", "Bad Request")
    for group_id in ids:
        call.store.groups.pop(int(group_id), None)
    return 200, [{"entityKey": str(i), "code": None, "message": None} for i in ids]


@method("user/create", "POST")
def user_create(call: Call) -> Answer:
    email, mobile = call.parameters.get("email"), call.parameters.get("mobileNumber")
    if not email and not mobile:
        message = "One of the parameters 'email' or 'mobileNumber' must not be empty."
        raise Refusal(400, "MISSING_PARAMETER", message, parameterName="email")
    call.document(list)
    if email:
        _check_new_email(call, email)
    made = Contact(call.store.new_id(), email, mobile)
    made.profile = {one["name"]: one.get("value") for one in call.body}
    call.store.contacts[made.id] = made
    return 200, made.shown


def _check_new_email(call: Call, email: str) -> None:
    if not EMAIL.fullmatch(email):
        message = "Parameter 'email' is not a valid email address."
        raise Refusal(400, "INVALID_PARAMETER", message, parameterName="email")
    listed = {entry.lower() for entry in call.store.blacklist}
    if {email.lower(), email.lower().partition("@")[2]} & listed:
        raise Refusal(400, "BLACKLISTED", "The address is on the system blacklist.")
    if any((c.email or "").lower() == email.lower() for c in call.store.contacts.values()):
        raise taken("User", "user.Email", email)


@method("user/get", "GET")
def user_get(call: Call) -> Answer:
    return 200, call.store.contact(call.number("userId")).shown


@method("user/getByEmail", "GET")
def user_by_email(call: Call) -> Answer:
    return 200, call.store.by_email(call.text("email")).shown


@method("user/getByIdentifier", "GET")
def user_by_identifier(call: Call) -> Answer:
    wanted = call.text("identifier")
    found = [c for c in call.store.contacts.values() if c.identifier == wanted]
    if not found:
        raise unknown("User", "identifier", wanted)
    return 200, found[-1].shown


@method("user/updateProfile", "POST")
def update_profile(call: Call) -> Answer:
    contact = call.store.contact(call.number("userId"))
    contact.profile |= {one["name"]: one.get("value") for one in call.document(list)}
    return NOTHING


@method("user/updateProfileByEmail", "POST")
def update_profile_by_email(call: Call) -> Answer:
    contact = call.store.by_email(call.text("email"))
    contact.profile |= {one["name"]: one.get("value") for one in call.document(list)}
    return NOTHING
