"""Memberships and blacklists (#15–#22). `membership/create` is a GET that writes."""

from __future__ import annotations

from typing import Any

from tests.cep_server.methods import NOTHING, SINCE, Answer, Call, method
from tests.cep_server.store import Contact, Group, Refusal, taken, unknown

MODES = ("OPT_IN", "CONFIRMED_OPT_IN", "DOUBLE_OPT_IN")


@method("membership/create", "GET", "POST")
def create(call: Call) -> Answer:
    contact, group = _both(call)
    _check_allowed(call, contact, group)
    if contact.id in group.members and call.options.get("dup_member", "error") == "error":
        raise taken("Membership", "membership", _named(contact, group))
    group.members.setdefault(contact.id, SINCE)
    return 200, {"userId": contact.id, "groupId": group.id, "attributes": []}


@method("membership/subscribe", "POST", since=2)
def subscribe(call: Call) -> Answer:
    return _subscribe(call, *_both(call))


@method("membership/subscribeByEmail", "POST", since=2)
def subscribe_by_email(call: Call) -> Answer:
    return _subscribe(call, *_by_email(call))


def _subscribe(call: Call, contact: Contact, group: Group) -> Answer:
    mode = call.text("subscriptionMode")
    if mode not in MODES:
        raise Refusal(400, "INVALID_PARAMETER", "No such mode.", parameterName="subscriptionMode")
    _check_allowed(call, contact, group)
    if mode == "DOUBLE_OPT_IN" and contact.id not in group.members:
        group.pending.append(contact.id)
        return NOTHING
    group.members.setdefault(contact.id, SINCE)
    return NOTHING


@method("membership/delete", "DELETE")
def delete(call: Call) -> Answer:
    contact, group = _both(call)
    if call.options.get("forgets_removals", 0) > 0:  # answered, and not done
        call.options["forgets_removals"] -= 1
        return NOTHING
    if group.members.pop(contact.id, None) is None:
        raise unknown("Membership", "membership", _named(contact, group))
    return NOTHING


@method("membership/unsubscribe", "POST")
def unsubscribe(call: Call) -> Answer:
    return _unsubscribe(*_both(call))


@method("membership/unsubscribeByEmail", "POST")
def unsubscribe_by_email(call: Call) -> Answer:
    return _unsubscribe(*_by_email(call))


def _unsubscribe(contact: Contact, group: Group) -> Answer:
    if group.members.pop(contact.id, None) is None:
        raise unknown("Membership", "membership", _named(contact, group))
    group.opted_out.append(contact.id)
    return NOTHING


@method("membership/get", "GET")
def get(call: Call) -> Answer:
    return 200, _membership(*_both(call, active=False))


@method("membership/getByEmail", "GET")
def get_by_email(call: Call) -> Answer:
    return 200, _membership(*_by_email(call))


@method("membership/findAll", "GET")
def find_all(call: Call) -> Answer:
    return 200, _all_of(call, call.store.contact(call.number("userId")))


@method("membership/findAllByEmail", "GET")
def find_all_by_email(call: Call) -> Answer:
    return 200, _all_of(call, call.store.by_email(call.text("email")))


def _all_of(call: Call, contact: Contact) -> list[dict[str, Any]]:
    groups = call.store.groups.values()
    return [_membership(contact, group) for group in groups if contact.id in group.members]


def _membership(contact: Contact, group: Group) -> dict[str, Any]:
    if contact.id not in group.members:
        raise unknown("Membership", "membership", _named(contact, group))
    system = {"member.type": "normal", "member.role": "member", "member.bounced": "false",
              "member.creationDate": group.members[contact.id],
              "member.systemWideDeactivated": "false"}  # fmt: skip
    attributes = [{"name": name, "value": value} for name, value in system.items()]
    return {"userId": contact.id, "groupId": group.id, "attributes": attributes}


@method("blacklist/createGroupEntries", "POST", since=4)
def blacklist_in_group(call: Call) -> Answer:
    group = call.store.group(call.number("groupId"))
    entries = call.document(list)
    for entry in entries:
        group.blacklist.append(entry["pattern"])
        for contact in list(call.store.contacts.values()):
            if call.store.is_blacklisted(contact, group):
                group.members.pop(contact.id, None)
    return 200, [_listed(entry) for entry in entries]


@method("blacklist/deleteGroupEntries", "POST", since=4)
def unlist_in_group(call: Call) -> Answer:
    group = call.store.group(call.number("groupId"))
    gone = {entry["pattern"] for entry in call.document(list)}
    group.blacklist = [entry for entry in group.blacklist if entry not in gone]
    return 200, [_listed(entry) for entry in call.body]


@method("blacklist/createSystemEntries", "POST", since=4)
def blacklist_everywhere(call: Call) -> Answer:
    """A system entry deletes the profile for good."""
    entries = call.document(list)
    listed = {entry["pattern"].lower() for entry in entries}
    call.store.blacklist += sorted(listed)
    gone = [c.id for c in call.store.contacts.values() if (c.email or "").lower() in listed]
    for contact_id in gone:
        del call.store.contacts[contact_id]
        for group in call.store.groups.values():
            group.members.pop(contact_id, None)
    return 200, [_listed(entry) for entry in entries]


@method("blacklist/deleteSystemEntries", "POST", since=4)
def unlist_everywhere(call: Call) -> Answer:
    gone = {entry["pattern"].lower() for entry in call.document(list)}
    call.store.blacklist = [entry for entry in call.store.blacklist if entry not in gone]
    return 200, [_listed(entry) for entry in call.body]


def _listed(entry: dict[str, str]) -> dict[str, Any]:
    return {"success": True, "id": entry["pattern"], "errorActor": None, "errorCode": None,
            "errorMessage": None}  # fmt: skip


def _both(call: Call, *, active: bool = True) -> tuple[Contact, Group]:
    contact_id, group_id = call.number("userId"), call.number("groupId")
    group = call.store.group(group_id, active=active)
    return call.store.contact(contact_id), group


def _by_email(call: Call) -> tuple[Contact, Group]:
    group = call.store.group(call.number("groupId"), active=True)
    return call.store.by_email(call.text("email")), group


def _check_allowed(call: Call, contact: Contact, group: Group) -> None:
    if call.store.is_blacklisted(contact, group):
        raise Refusal(400, "BLACKLISTED", f"User with id={contact.id} is blacklisted.")


def _named(contact: Contact, group: Group) -> str:
    return f"userId:{contact.id}/groupId:{group.id}"
