"""The words on screen for the codes in the marts. One word per thing, no jargon."""

from __future__ import annotations

OUTCOMES = {
    "accepted": "Accepted",
    "untracked": "Untracked",
    "quarantined": "Rejected",
    "duplicate": "Repeated",
    "not_ours": "Not ours",
}
"""In the order in which the waterfall tells them."""

OUTCOME_MEANING = {
    "accepted": "counted as calls or rows",
    "untracked": "ours, but consent or our cookie was missing: counted, nothing kept about anybody",
    "quarantined": "ours, but something was wrong with it: kept aside with the reason",
    "duplicate": "already received once",
    "not_ours": "other traffic in the same log",
}

SOURCES = {"all": "Everything", "pixel_log": "Pixel logs", "crm_file": "CRM files"}

IDENTIFIER_TYPES = {
    "all": "All types",
    "email": "E-mail",
    "phone": "Phone",
    "postal": "Postal address",
    "cep_contact": "CEP contact",
}

LIST_MODES = {"opt-in": "Opt-in", "opt-out": "Opt-out", "replace": "Replace"}

STEPS = {
    "uploaded": "Uploaded",
    "live": "Live",
    "eligible": "Usable",
    "recognised": "Recognised on the web",
    "synced": "Synced with {partner}",
    "delivered": "Delivered to {partner}",
}

STEP_MEANING = {
    "uploaded": "records in your CRM files",
    "live": "not withdrawn and not opted out",
    "eligible": "with something we can recognise a person by",
    "recognised": "clicked, read online or signed in on a browser we know",
    "synced": "that browser called with a cookie of this partner",
    "delivered": "in the nightly files",
}

REASONS = {
    # lines that were rejected
    "bad_signature": "The link's signature is missing or wrong: not a link we made",
    "bad_status": "The web server answered with an error",
    "bad_encoding": "Not readable as text (UTF-8)",
    "bad_url": "The address of the call cannot be read",
    "bad_time": "The time of the call cannot be read",
    "bad_json": "The line is not complete JSON",
    "bad_line": "The line has another form than the log",
    "malformed": "The line has another form than the log",
    "malformed_line": "The line has another form than the log",
    "too_long": "The line is far too long",
    "control_char": "Control characters in the line",
    "too_old": "More than 400 days old when it arrived",
    "unknown_client": "Belongs to no client we know",
    "unknown_site": "The site is not registered",
    "unknown_partner": "The partner is not one we know",
    "unknown_publisher": "The publisher is not registered",
    "unknown_path": "Our address, but a call that does not exist",
    "unknown_type": "Our address, but a call that does not exist",
    "client_conflict": "The site and the partner code belong to two clients",
    "unexpanded_macro": "The cookie id is a placeholder the partner's tag did not fill in",
    "placeholder": "The cookie id is a placeholder the partner's tag did not fill in",
    "sentinel": "A cookie id that stands for nobody",
    "sentinel_id": "A cookie id that stands for nobody",
    "bad_cookie_id": "The cookie id does not have the partner's form",
    "bad_partner_cookie": "The cookie id does not have the partner's form",
    "missing_cookie_id": "No cookie id in the call",
    "missing_parameter": "A required part of the call is missing",
    "bad_parameter": "A part of the call has a form we do not know",
    "repeated_parameter": "A part of the call appears twice",
    "pii_in_query": "Readable personal data in the address: refused, nothing kept",
    "pii": "Readable personal data: refused, nothing kept",
    "raw_pii": "Readable personal data: refused, nothing kept",
    "bad_contact": "The CEP contact id is not a number",
    "bad_hash": "Not a SHA-256 value",
    "bad_hash_algo": "Hashed with MD5 or SHA-1 instead of SHA-256",
    "empty_hash": "The hash of an empty value",
    "header": "A repeated header line",
    "missing_record_id": "No CRM record id",
    "bad_record_id": "The CRM record id cannot be used",
    "bad_cep_contact_id": "The CEP contact id is not a number",
    "no_identifier": "Nothing to recognise the person by",
    "columns": "Another number of columns than the header",
    "ragged": "Another number of columns than the header",
    "normalisation": "Hashed from a form that cannot be compared",
    # lines that were not tracked
    "switch_off": "The CEP switch for this kind of call is not approved",
    "no_cookie": "The browser had no valid cookie of ours",
    "no_consent": "No consent signal and no declaration of the site",
    "no_signal": "No consent signal and no declaration of the site",
    "no_declaration": "No consent signal and no declaration of the site",
    "tcf_not_decoded": "A consent string we cannot read yet",
    "tcf_undecoded": "A consent string we cannot read yet",
    "consent_denied": "The person said no",
    "declined": "The person said no",
    "opted_out": "The person opted out",
    "gpc": "The browser sends Global Privacy Control",
    # lines that were repeated
    "duplicate_file": "The same file was received again",
    "file": "The same file was received again",
    "same_file": "The same file was received again",
    "duplicate_line": "The same line was received again",
    "same_hit": "The same call was received again",
}

FUNNEL_REASONS = {
    "withdrawn": "Withdrawn by an opt-out or a replace file",
    "opted_out": "Opted out",
    "suppressed": "Opted out",
    "no_identifier": "No valid identifier and no CEP contact id",
    "never_recognised": "Never seen signed in, clicking or reading online",
    "not_recognised": "Never seen signed in, clicking or reading online",
    "evidence_too_old": "Recognised too long ago",
    "old_evidence": "Recognised too long ago",
    "never_synced": "Recognised, but no call from this partner on that browser",
    "not_synced": "Recognised, but no call from this partner on that browser",
    "no_sync": "Recognised, but no call from this partner on that browser",
    "low_confidence": "Too unsure: several people use that browser",
    "below_threshold": "Too unsure: several people use that browser",
    "unsure": "Too unsure: several people use that browser",
    "hot_cookie": "The cookie is shared by too many people",
    "hot": "The cookie is shared by too many people",
    "shared_cookie": "The cookie is shared by too many people",
    "not_seen": "Matched, but the cookie was not seen lately",
    "not_delivered": "Waits for tonight's file",
    "not_yet_delivered": "Waits for tonight's file",
}


def reason(code: str) -> str:
    """Why a line was not taken, in plain words."""
    return REASONS.get(code, _spelled(code))


def funnel_reason(code: str) -> str:
    """Why records stop at a step, in plain words."""
    return FUNNEL_REASONS.get(code, _spelled(code))


def identifier_type(code: str) -> str:
    """`E-mail` for `email`."""
    return IDENTIFIER_TYPES.get(code, _spelled(code))


def _spelled(code: str) -> str:
    return code.replace("_", " ").capitalize()
