"""Why a raw value gets no hash."""

from __future__ import annotations

REASONS = {
    "email_syntax": "not an e-mail address",
    "phone_invalid": "not a telephone number",
    "normalisation": "no country is known for it",
    "postal_code": "not a postcode of its country",
    "house_number": "no house number",
    "country": "not a country",
    "postal_form": "not country|postcode|number|extension",
    "personal_id": "not a personal id",
    "junk_email": "an address that many people give",
    "junk_phone": "a number that many people give",
    "field_value": "not a value of its field",
}
"""Reason code → what it means; both are safe to show, as neither holds a value."""


class NotNormal(Exception):
    """A value that has no normal form. Carries a reason code and never the value."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)
