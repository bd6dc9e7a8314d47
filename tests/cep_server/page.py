"""The start page: groups with their members, and the last calls."""

from __future__ import annotations

from html import escape

from tests.cep_server.faults import Asked
from tests.cep_server.store import Group, Store

SHOWN = 20
STYLE = """
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 2rem; }
th, td { text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #8884; }
td.n { text-align: right; font-variant-numeric: tabular-nums; } small { opacity: .7; }
"""


def start_page(store: Store, journal: list[Asked]) -> str:
    groups = sorted(store.groups.values(), key=lambda group: -group.id)
    rows = "".join(_group(store, group) for group in groups)
    calls = "".join(_call(asked) for asked in journal[-SHOWN:][::-1])
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><meta http-equiv=refresh content=3>"
        f"<title>Stand-in for Mapp CEP</title><style>{STYLE}</style>"
        "<h1>Stand-in for Mapp CEP</h1><p>It plays Mapp's e-mail system for tests and the demo. "
        f"It knows {len(store.contacts):,} contacts and sends nothing to anybody.</p>"
        "<h2>Groups</h2><table><tr><th>Number<th>Name<th>Status<th>Members<th>Among them"
        f"{rows}</table><h2>Last calls</h2><table><tr><th>Method<th>Asked with<th>Answer{calls}"
        "</table></html>"
    )


def _group(store: Store, group: Group) -> str:
    first = [store.contacts.get(member) for member in sorted(group.members)[:3]]
    named = ", ".join(contact.email or str(contact.id) for contact in first if contact)
    return (
        f"<tr><td>{group.id}<td>{escape(group.name)}<br><small>{escape(group.email)}</small>"
        f"<td>{escape(group.status)}<td class=n>{len(group.members):,}<td>{escape(named)}"
    )


def _call(asked: Asked) -> str:
    said = ", ".join(f"{name}={value}" for name, value in asked.parameters.items())
    return (
        f"<tr><td>{escape(asked.verb)} {escape(asked.method or asked.path)}<td>{escape(said)}"
        f"<td>{asked.status or 'none'}"
    )
