"""Values that forms are filled with and nobody has. Their keys join nobody, whoever sends them.

Clients hash what stands in their files, so a telephone of nothing but zeros is one hash on
thousands of records. Caps (`hot_key_records`) find what is frequent; these are known.
"""

from __future__ import annotations

import hashlib

from matchbook.identifiers import identifier_key
from matchbook.keys import Keys

BLOCKED_VALUES = {
    "email": (
        *(f"{name}@{host}" for name in ("test", "info", "noreply", "no-reply", "none", "user")
          for host in ("test.com", "example.com", "example.org", "none.com")),
        "a@a.com", "a@b.com", "asd@asd.com", "email@email.com", "n/a", "null", "none", "unknown",
    ),
    "phone": (
        "0", "0000000000", "0600000000", "0612345678", "1234567890", "31600000000", "31612345678",
        "+31600000000", "+31612345678", "9999999999",
    ),
    "postal": ("|||", "NL|||", "NL|0000AA|0|", "NL|1234AB|1|"),
}  # fmt: skip
"""By identifier type, as clients write them before they hash."""


def blocked_keys(keys: Keys) -> list[tuple[str, str]]:
    """Identifier type and key of each blocked value."""
    return [
        (kind, identifier_key(keys, kind, hashlib.sha256(value.encode()).hexdigest()))
        for kind, values in BLOCKED_VALUES.items()
        for value in values
    ]
