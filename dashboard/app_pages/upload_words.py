"""What is said of rows and cells that the browser leaves out or repairs."""

from __future__ import annotations

from matchbook.normalisation import REASONS

REMARKS = {
    **{code: text[0].upper() + text[1:] for code, text in REASONS.items()},
    "columns": "Another number of columns than the header",
    "quote": "A quotation mark out of place or never closed",
    "missing_record_id": "No CRM record id",
    "bad_record_id": "The CRM record id cannot be used",
    "personal_record_id": "The CRM record id is an e-mail address or a phone number",
    "bad_contact_id": "The CEP contact id is not a number",
    "bad_hash": "Not a SHA-256 value",
    "bad_hash_algo": "Hashed with MD5 or SHA-1 instead of SHA-256",
    "empty_hash": "The hash of an empty value",
    "too_long": "An attribute of more than 1,000 characters",
    "hash_in_attribute": "An attribute that is a hash",
    "personal_attribute": "An attribute that holds an e-mail address or a phone number",
    "zero_dropped": "A phone number with (0) after the country code",
}

RHYTHMS = {
    "": "Whenever there is something",
    "day": "Every day",
    "week": "Every week",
    "month": "Every month",
}

STANDINGS = {
    "live": "on the list",
    "withdrawn": "withdrawn by a later file",
    "missing_from_replacement": "left out by a newer full file",
}
