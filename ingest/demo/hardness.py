"""How hard the demo world is: minimum shares that the tests hold the world to.

They may be raised, never lowered: precision and recall mean something only while the
world stays this unkind.
"""

from __future__ import annotations

SHARED_BROWSERS = 0.10
"""Of all browsers, used by two to four people."""

COOKIES_CLEARED_A_MONTH = 0.15
"""Of all browsers, lose every cookie within any thirty days."""

CLICKS_FORWARDED = 0.01
"""Of all e-mail clicks, made in the browser of somebody the mail was forwarded to."""

CLICKS_BY_SCANNERS = 0.05
"""Of all e-mail clicks, made by a mail gateway."""

SCANNERS_IN_DISGUISE = 0.50
"""Of the scanners' clicks, made with an ordinary browser's name and in no burst."""

PEOPLE_TWICE_IN_CRM = 0.05
"""Of the people in a CRM, with two records."""

EMAILS_ON_TWO_RECORDS = 0.02
"""Of the e-mail addresses in the home retailer's CRM, on records of two people."""

LINES_LATE = 0.10
"""Of all calls, land one to ten days after they were made."""

LONGEST_DELAY_DAYS = 10

VISITORS_UNTRACKED = 0.30
"""Of all browsers, refuse consent, send no cookie or send Global Privacy Control."""

GARBAGE_LINES_A_FILE = 1
"""At the least, in every log file."""
