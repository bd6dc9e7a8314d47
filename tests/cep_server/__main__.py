"""`python -m tests.cep_server`: the stand-in, for the demo or to try things by hand."""

from __future__ import annotations

import argparse
import asyncio
import csv
import sys
import threading
from contextlib import suppress
from pathlib import Path

import uvicorn

from tests.cep_server.app import World
from tests.cep_server.serving import bound, configured
from tests.cep_server.store import API_USER, FIRST_GROUP, PASSWORD, Contact, Store, example_store


def main() -> None:
    given = _arguments()
    world = World(_store(given.state, given.contacts))
    world.faults.rate_limit_tps = given.tps
    listener = bound(given.port)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    print(f"Stand-in for Mapp CEP: {address}")
    print(f"API URL {address}/shop/api/rest/v6, default group {FIRST_GROUP}")
    print(f"User {API_USER}, password {PASSWORD}", flush=True)
    server = uvicorn.Server(configured(world))
    if given.state:
        threading.Thread(target=_keep, args=(world, given.state), daemon=True).start()
    if given.until_stdin_ends:
        threading.Thread(target=_end_with_stdin, args=(server,), daemon=True).start()
    asyncio.run(server.serve(sockets=[listener]))
    if given.state:
        world.store.save(given.state)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.cep_server", description=__doc__)
    parser.add_argument("--port", type=int, default=8790)
    parser.add_argument("--tps", type=int, default=10, help="calls a second and account")
    parser.add_argument("--contacts", type=Path, help="CSV: cep_contact_id, and perhaps standing")
    parser.add_argument("--state", type=Path, help="JSON file that outlives the process")
    parser.add_argument("--until-stdin-ends", action="store_true")
    return parser.parse_args()


def _store(state: Path | None, contacts: Path | None) -> Store:
    store = Store.load(state) if state and state.exists() else example_store(0)
    if contacts:
        for row in csv.DictReader(contacts.read_text().splitlines()):
            _add(store, int(row["cep_contact_id"]), row.get("standing") or "")
    elif not store.contacts:
        store.contacts = example_store(1000).contacts
    return store


def _add(store: Store, contact_id: int, standing: str) -> None:
    """`blacklisted` in the whole system, though the profile still stands; `gone`: unknown."""
    if standing == "gone" or contact_id in store.contacts:
        return
    store.contacts[contact_id] = Contact(contact_id, f"contact-{contact_id}@example.org")
    if standing == "blacklisted":
        store.blacklist.append(f"contact-{contact_id}@example.org")


def _keep(world: World, path: Path) -> None:
    kept = -1
    pause = threading.Event()
    while not pause.wait(1):
        if len(world.journal) != kept:
            kept = len(world.journal)
            with suppress(RuntimeError):  # a call changed it meanwhile: in a second again
                world.store.save(path)


def _end_with_stdin(server: uvicorn.Server) -> None:
    sys.stdin.buffer.read()
    server.should_exit = True


main()
