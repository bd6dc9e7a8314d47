"""CEP contacts who have opted out, kept in memory: no request waits for the database.

Where a collector has no state database at hand (a replica with keys and registry only) this
is empty; the night leaves opted-out contacts out of matches all the same.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from matchbook import suppressions
from matchbook.erasure import requests, tombstones
from matchbook.erasure.tombstones import Erased
from matchbook.errors import ConfigError
from matchbook.settings import Settings

logger = logging.getLogger("matchbook.collector")

POLL_SECONDS = 3.0


class OptedOutContacts:
    """Follows the suppressions of CEP contacts."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._contacts: dict[str | None, set[int]] = {}
        self._newest = 0
        self._erased = Erased(b"", {})
        self._version = (-1, -1)
        self._is_known = False
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="contacts", daemon=True)
        self.look()

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def stop(self) -> None:
        """Stop following."""
        self._stopping.set()

    def has_opted_out(self, client_id: str, contact: str) -> bool:
        """Whether a contact must not be tracked; all of them until the list could be read."""
        if not self._is_known:
            return True
        number = int(contact)
        if any(number in self._contacts.get(scope, ()) for scope in (client_id, None)):
            return True
        return bool(self._erased.among(self._erased.of([client_id]), "cep_contact", [str(number)]))

    def is_erased(self, clients: Sequence[str], keys: Sequence[str]) -> bool:
        """Whether every one of the clients has erased somebody known by one of these keys; taken
        for so until the list could be read."""
        if not keys or not self._is_known:
            return bool(keys)
        return bool(self._erased.among(self._erased.of(clients), "identifier", keys))

    def look(self) -> None:
        """Add what is new; an unreadable database keeps what is known."""
        if not _exists(self._settings):
            self._is_known = True
            return
        try:
            version = requests.version(self._settings)
            # Who was erased is remembered otherwise; who came back is not held any more.
            is_new = version != self._version
            erased = tombstones.load(self._settings) if is_new else self._erased
            found = suppressions.contacts_after(self._settings, 0 if is_new else self._newest)
        except (SQLAlchemyError, OSError, ConfigError):
            logger.warning("the opt-outs of contacts cannot be read; those known stay in force")
            return
        contacts = {} if is_new else self._contacts
        for number, client_id, contact in found:
            if contact.isascii() and contact.isdigit():
                contacts.setdefault(client_id, set()).add(int(contact))
            self._newest = number
        self._contacts, self._erased, self._version = contacts, erased, version
        self._is_known = True

    def _follow(self) -> None:
        while not self._stopping.wait(POLL_SECONDS):
            self.look()


def _exists(settings: Settings) -> bool:
    """An SQLite file that is not there yet is not made by looking."""
    _, is_file, path = settings.database_url.partition("sqlite:///")
    return not is_file or Path(path).exists()
