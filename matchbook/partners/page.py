"""docs/partners.md, written from the partners' YAML: `python -m matchbook.partners.page`."""

from __future__ import annotations

import sys

from matchbook.partners import Partner, load_partners
from matchbook.partners.facts import GRADES, facts_of

_OPENING = """\
# Partners

Written from `matchbook/partners/*.yml` by `python -m matchbook.partners.page`; a test compares
the two. A tenth partner is one more of these files and no code.

Every fact has a grade:

{grades}

What is not *documented* is a proposal: send the partner a sample file before the first night. A
client's own agreement with a partner replaces any of it and is graded *client*. Pairs leave as
cookie id and CRM record id; identifier hashes leave in no file. Times are UTC. To a file's name
come `.gz`, `.zip` and `.pgp` where it is compressed or encrypted.
"""


def page() -> str:
    """The page as Markdown."""
    grades = "\n".join(f"* *{grade}*: {meaning}" for grade, meaning in GRADES.items())
    return "\n".join([_OPENING.format(grades=grades), *map(_section, load_partners())])


def _section(partner: Partner) -> str:
    rows = [f"| {fact.label} | {_cell(fact.text)} | {fact.grade} |" for fact in facts_of(partner)]
    lines = [f"## {partner.name}", "", "| Fact | | Grade |", "| --- | --- | --- |", *rows, ""]
    if partner.delivery.parameters:
        lines += ["The partner tells each client:", ""]
        lines += [
            f"* `{name}`: {spec.meaning}" for name, spec in partner.delivery.parameters.items()
        ]
        lines.append("")
    if partner.delivery.confirmation:
        lines += [f"Before activation the client confirms: {partner.delivery.confirmation}", ""]
    return "\n".join([*lines, f"Sources: {'; '.join(partner.delivery.sources)}.", ""])


def _cell(text: str) -> str:
    escaped = text.replace("|", "\\|")
    return f"`{escaped}`" if set(text) & set("{}[]$\\<>*_") and ". " not in text else escaped


if __name__ == "__main__":
    sys.stdout.write(page())
