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

SOURCES = {
    "all": "Everything",
    "pixel_log": "Pixel logs",
    "crm_file": "CRM files",
    "baseline": "Partners' own matches",
}

IDENTIFIER_TYPES = {
    "all": "All types",
    "email": "E-mail",
    "phone": "Phone",
    "postal": "Postal address",
    "cep_contact": "CEP contact",
}

LIST_MODES = {"opt-in": "Add", "opt-out": "Remove", "replace": "Replace all"}

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
    "live": "not withdrawn by a later file",
    "eligible": "not opted out, with something to recognise them by",
    "recognised": "clicked, read online or signed in on a browser we know",
    "synced": "with a sure match to a cookie seen in the last 30 days",
    "delivered": "in the nightly files",
}

REASONS = {
    # lines that were rejected
    "unparseable": "The line has another form than the rest of the log",
    "too_long": "The line is far too long",
    "control_char": "Control characters in the line",
    "bad_encoding": "Not readable as text (UTF-8)",
    "bad_timestamp": "The time of the call cannot be read",
    "too_old": "More than 400 days old when it arrived",
    "bad_status": "The web server answered with an error",
    "bad_method": "Not a GET call",
    "bad_param": "A part of the call has a form we do not know",
    "missing_param": "A required part of the call is missing",
    "dup_param": "A part of the call appears twice",
    "bad_signature": "The signature is missing, wrong or of another browser: not a link we made",
    "bad_target": "The link's target is not a plain web address",
    "not_https": "The link's target is not a secure web page (https)",
    "host_not_listed": "The link's target is not among the client's landing hosts",
    "self_redirect": "The link leads to another tracked link",
    "bad_token": "The landing page's token is too old or was changed",
    "personal_data": "Readable personal data: refused, and nothing of it kept",
    "unexpanded_macro": "The call holds a placeholder that the partner's tag did not fill in",
    "sentinel_id": "A cookie id that stands for nobody",
    "bad_cookie_id": "The cookie id does not have this partner's form",
    "bad_contact_id": "The CEP contact id is not a number",
    "unknown_client": "Belongs to no client we know",
    "unknown_site": "The site is not registered",
    "unknown_partner": "The partner is not one we know",
    "unknown_publisher": "The publisher is not registered",
    "client_conflict": "The site and the partner code belong to two clients",
    "bad_hash": "Not a SHA-256 value",
    "bad_hash_algo": "Hashed with MD5 or SHA-1 instead of SHA-256",
    "empty_hash": "The hash of an empty value",
    "missing_record_id": "No CRM record id",
    "bad_record_id": "The CRM record id cannot be used",
    "columns": "Another number of columns than the header",
    "quote": "A quotation mark that does not close",
    # calls that were not tracked
    "no_consent": "No consent signal, and the site has declared none",
    "tc_no_vendor_id": "A consent string, and our TCF vendor id is not set: it cannot be judged",
    "tc_unreadable": "A consent string that is damaged",
    "tc_outdated": "A consent string of an old form (before TCF 2.3)",
    "tc_not_service_specific": "A consent string that was not given to this site",
    "tc_not_disclosed": "A consent string that does not say people were told about us",
    "tc_restricted": "The site's consent settings do not let us store an id",
    "tc_no_purpose": "The person does not want ids stored on the device (consent string)",
    "tc_no_vendor": "The person does not consent to us (consent string)",
    "consent_expired": "The consent is older than 13 months",
    "opted_out": "The person opted out",
    "gpc": "The browser asks not to be tracked (Global Privacy Control)",
    "no_cookie": "The browser had no valid cookie of ours",
    "switch_off": "The CEP switch for this kind of call is not approved",
    # lines that were repeated
    "same_file": "The same file was received again",
    "grown_file": "The beginning of this file had been received before",
    "hit_id": "The same call was received again",
}

FUNNEL_REASONS = {
    "withdrawn": "Withdrawn by an opt-out file",
    "missing_from_replacement": "Missing from the newest full file",
    "opted_out": "Opted out",
    "no_identifier": "Nothing to recognise them by",
    "never_recognised": "Never clicked, read online or signed in",
    "shared_identifier": "Their e-mail, phone, address or contact id is on too many records",
    "placeholder_identifier": "Their e-mail or phone is a value that forms are filled with",
    "evidence_expired": "Recognised too long ago",
    "no_partner_cookie": "Recognised, but never with a cookie of this partner",
    "unsure": "Too unsure: several people use that browser",
    "shared_cookie": "The cookie is shared by too many people",
    "not_seen_lately": "The cookie was not seen in the last 30 days",
    "next_file": "Waiting for the next nightly file",
}


MOVEMENTS = {
    "new_records": "new records",
    "records_gone": "records gone",
    "newly_recognised": "newly recognised",
    "newly_synced": "newly synced",
    "not_seen": "not seen for 30 days",
    "no_longer_recognised": "no longer recognised",
    "opted_out": "opted out",
}
"""Why the match rate moved, in the order in which it is told."""

FILE_STATES = {
    "delivered": "Delivered",
    "empty": "Delivered, nothing had changed",
    "accepted": "Accepted; the partner offers nothing to verify it by",
    "waiting": "Waiting",
    "unknown": "Not certain whether it arrived",
    "rejected": "Not delivered",
    "none": "No file",
}
"""How the file of a night stands."""

CEP_WAYS = {
    "click": "Clicked an e-mail",
    "read": "Read online",
    "identify": "Signed in",
}
"""How a CEP contact was linked to a browser."""


def movement(code: str, points: float = 0) -> str:
    """Why the match rate moved; new records pull it down as long as they are not seen."""
    is_pulling = code == "new_records" and points < 0
    return "new records not seen yet" if is_pulling else MOVEMENTS.get(code, _spelled(code))


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
