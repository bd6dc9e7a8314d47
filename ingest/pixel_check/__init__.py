"""Looks at a web page and says whether the right pixel is on it.

The address comes from a person, so it may lead anywhere: `sockets` opens connections to public
addresses only, `fetch` gives up early, `tags` reads without running anything.
"""

from ingest.pixel_check.fetch import parse_allowed
from ingest.pixel_check.verdict import Verdict, check_page

__all__ = ["Verdict", "check_page", "parse_allowed"]
