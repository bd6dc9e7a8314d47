"""Random histories: each client lives through nights of its own, drawn from a seed."""

from __future__ import annotations

from random import Random

from tests.warehouse.hand_made import Client

NIGHTS = 3
PEOPLE = ("ana", "ben", "cem")
BROWSERS = ("tablet", "laptop", "phone")
SITES = ("home", "blog")


def histories(seed: int, count: int) -> list[Client]:
    """So many clients, each with files, calls, refusals and late lines of its own."""
    return [_history(Random(f"{seed} {number}"), f"random_{number:03}") for number in range(count)]


def split_and_shuffled(seed: int, count: int) -> list[Client]:
    """The same histories, each call in whichever later night, in any order."""
    chance = Random(seed)
    clients = histories(seed, count)
    for client in clients:
        calls = [(night, hit) for night, hits in client.hits.items() for hit in hits]
        chance.shuffle(calls)
        client.hits = {}
        for night, hit in calls:
            client.hits.setdefault(chance.randrange(night, NIGHTS), []).append(hit)
    return clients


def _history(chance: Random, name: str) -> Client:
    client = Client(name, threshold=chance.choice((0.3, 0.5, 0.8)), sites=SITES)
    for night in range(NIGHTS):
        if night == 0 or chance.random() < 0.4:
            _upload(chance, client, night)
        for _ in range(chance.randrange(12)):
            _call(chance, client, night)
    return client


def _upload(chance: Random, client: Client, night: int) -> None:
    mode = "opt-in" if night == 0 else chance.choice(("opt-in", "opt-out", "replace"))
    people = chance.sample(PEOPLE, chance.randrange(1, 4))
    rows = [{"record": person, "contact": PEOPLE.index(person) + 1} for person in people]
    for row in rows:
        row |= {"email": chance.choice((f"{client.client_id}-{row['record']}", "shared", ""))}
    client.upload(night, mode, *rows)


def _call(chance: Random, client: Client, night: int) -> None:
    browser, days_ago = chance.choice(BROWSERS), chance.choice((1, 1, 1, 2, 3))
    site = f"{client.client_id}-{chance.choice(SITES)}"
    kind = chance.random()
    for _ in range(chance.choice((1, 1, 1, 2))):  # equal lines are separate calls
        if kind < 0.55:
            partner = chance.choice(("tealium", "piano"))
            cookie = chance.choice((browser, browser, "wandering"))
            client.sync(night, browser, cookie, days_ago, partner_id=partner, site_id=site)
        elif kind < 0.8:
            person = chance.choice((f"{client.client_id}-{chance.choice(PEOPLE)}", "shared"))
            client.sign_in(night, browser, person, days_ago)
        elif kind < 0.95:
            client.click(night, browser, chance.randrange(1, 5), days_ago=days_ago)
        else:
            client.hit(night, "withdraw", browser, days_ago)
