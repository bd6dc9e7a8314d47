"""Everything that is held on a person, from every store, as one document."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from matchbook import registry
from matchbook.erasure import requests
from matchbook.erasure.people import Person
from matchbook.keys import load_keys
from matchbook.settings import Settings


def held(settings: Settings, asked: Person) -> dict[str, Any]:
    """By store; browsers, contacts and records of the person first."""
    from exporters.erasing import pairs
    from ingest.erasing.report import held as in_lake
    from matchbook.kept_audiences.forgetting import audiences_of

    document = registry.current(settings)
    person, rows = in_lake(settings, document, load_keys(settings.keys), asked)
    naming = requests.naming(settings, person.client_id, person.subjects)
    return {
        "client_id": person.client_id,
        "as_of": settings.clock.now().isoformat(timespec="seconds"),
        "records": sorted(person.of("record")),
        "contacts": sorted(person.of("cep_contact")),
        "browsers": sorted(person.of("visitor")),
        **rows,
        "partners": pairs(settings, person.client_id, person.of("record")),
        "audiences": audiences_of(settings, person.client_id, person.member_keys),
        "requests": [asdict(request) for request in naming],
    }
