"""What a seed's definition gives away, and is therefore not used.

Days with calls that its conditions ask for are taken out of everybody's history before anything is
counted; other conditions take out what they ask about. So no list is good merely because it repeats
the definition.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from matchbook.audiences import Definition, World, references
from matchbook.audiences.conditions import (
    Action,
    Attribute,
    Condition,
    Did,
    InAudience,
    InShare,
    Is,
    OnList,
    Pool,
    SeenBy,
    Sequence,
    Since,
    Total,
    Uses,
)
from matchbook.audiences.definition import All, AnyOf, Node, boxes, walk
from matchbook.audiences.sentences import Named, sentence
from matchbook.lookalikes.features import CRM, LOOKS, TOPICS, Feature

_RECOGNISING = ("clicked", "read", "clicked_or_read", "identified")
"""What people are recognised by: whoever did it is likelier matched, and known from the CRM."""

VOLUME = frozenset({"activity", "recency"})
_CALLS = {"events": "event", "clicks": "clicked", "reads": "read", "identifies": "identified"}
"""Totals that are the number of one kind of call."""


@dataclass
class Leaks:
    """What is not used, by what the seed asks."""

    actions: list[Action] = field(default_factory=list)
    """Days with such calls are taken out of every history."""
    families: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    uses_volume: bool = False
    """The seed is defined by how much or when people came: calls count as shares only."""
    asks: list[str] = field(default_factory=list)
    """The conditions, in words."""
    waiting: float | None = None
    """Of a seed that is a share of some people, drawn by lot: the others, for each of its own."""
    only: Pool = "everyone"
    """Whom the seed could hold at all: nobody else is compared with it."""

    def hides(self, feature: Feature) -> bool:
        """Whether a feature is not to be used."""
        if feature.family in self.families:
            return True
        return feature.family in CRM and (feature.attribute or feature.value) in self.attributes

    def words(self) -> tuple[str, ...]:
        """What is not used and why, one sentence each."""
        said = [f"Not used, because the seed asks for it: {asked}." for asked in self.asks]
        if self.actions:
            said.append(
                "Days on which somebody did what the seed asks for are left out of their history; "
                "people of whom no other day is known are left out altogether."
            )
        topics = sorted({TOPICS[family] for family in self.families})
        if topics:
            said.append(f"Nothing is learnt from {', '.join(topics)}, which would tell the same.")
        if self.uses_volume:
            said.append("What people look at counts as a share of all their calls.")
        if self.waiting is not None:
            said.append("The seed is a share of some people, drawn by lot: the others of them are "
                        "what is expected to be found.")  # fmt: skip
        return (*said, *_ONLY[self.only])


_ONLY: dict[Pool, tuple[str, ...]] = {
    "everyone": (),
    "matched": ("The seed can only hold people matched with a CRM record: it was compared with "
                "such people, and the list holds no others.",),
    "cep_contact": ("The seed can only hold people linked to a CEP contact: it was compared with "
                    "such people, and the list holds no others.",),
    "cep_reachable": ("The seed can only hold people reachable in CEP: it was compared with such "
                      "people, and the list holds no others.",),
}  # fmt: skip


def leaks_of(seed: str, world: World, named: Named = str) -> Leaks:
    """What an audience's definition gives away, those it refers to included."""
    found = Leaks()
    for definition in _with_others(seed, world):
        for tree in boxes(definition).values():
            for _, condition in walk(tree):
                if not isinstance(condition, InAudience):
                    _note(condition, found)
                    found.asks += _asked(condition, definition, named)
    definition = references.resolved(seed, (), world.resolve)
    found.only = _needs(definition.enter, world)
    found.waiting = _waiting(definition.enter)
    if found.only != "everyone":
        found.families.add("contact")
    found.asks = list(dict.fromkeys(found.asks))
    return found


def _with_others(seed: str, world: World) -> Iterator[Definition]:
    for name in references.in_order((seed,), world.resolve):
        yield references.resolved(name, (), world.resolve)


def _asked(condition: Condition, definition: Definition, named: Named) -> list[str]:
    if isinstance(condition, InShare | SeenBy):
        return []
    return [sentence(condition, definition.look_back_days, named=named)]


def _note(condition: Condition, found: Leaks) -> None:
    if isinstance(condition, Did | Sequence):
        actions = [condition.action] if isinstance(condition, Did) else \
            [condition.first, condition.then]  # fmt: skip
        for action in actions:
            _note_action(action, found)
    elif isinstance(condition, Total):
        if condition.of in _CALLS:
            _note_action(Action(what=_CALLS[condition.of]), found)  # type: ignore[arg-type]
        else:
            _note_volume(found)
    elif isinstance(condition, Since):
        found.families |= {"recency"} if condition.what != "uploaded" else set()
        found.uses_volume |= condition.what != "uploaded"
        found.families |= {"activity"} if condition.what != "uploaded" else {"contact"}
    elif isinstance(condition, Uses):
        found.families |= LOOKS if condition.what != "referrer_host" else {"referrer"}
    elif isinstance(condition, Is | OnList):
        found.families.add("contact")
    elif isinstance(condition, Attribute):
        found.attributes.add(condition.name)
        found.families.add("contact")


def _note_action(action: Action, found: Leaks) -> None:
    place = (action.site, action.section, action.page)
    if action.what in ("visited", "called") and place == (None, None, None):
        _note_volume(found)
        return
    # Whatever else was called at that place tells of the visit too.
    is_place = action.what in ("visited", "called") or any(place)
    found.actions.append(action.model_copy(update={"what": "called"} if is_place else {}))
    found.families.add("referrer")  # the last one may be of such a day
    if action.what in _RECOGNISING:
        found.families |= {"mail", "contact", *CRM}


def _note_volume(found: Leaks) -> None:
    found.families |= VOLUME
    found.uses_volume = True


def _waiting(node: Node) -> float | None:
    if not isinstance(node, All) or len(node.of) < 2:
        return None
    shares = [child.percent for child in node.of if isinstance(child, InShare)]
    return (100 - shares[0]) / shares[0] if len(shares) == 1 else None


_RANK: dict[Pool, int] = {"everyone": 0, "matched": 1, "cep_contact": 2, "cep_reachable": 3}


def _needs(node: Node, world: World) -> Pool:
    """Whom a tree can hold at all."""
    if isinstance(node, All):
        return max((_needs(child, world) for child in node.of), key=_RANK.__getitem__)
    if isinstance(node, AnyOf):
        found = {_needs(child, world) for child in node.of}
        return found.pop() if len(found) == 1 else "everyone"
    if isinstance(node, Attribute | OnList):
        return "matched"
    if isinstance(node, Since) and node.what == "uploaded":
        return "matched"
    if isinstance(node, Is):
        return node.what
    if isinstance(node, InAudience):
        return _needs(references.resolved(node.audience, (), world.resolve).enter, world)
    return "everyone"
