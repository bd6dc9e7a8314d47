"""Who plays: everything about the world that does not change from day to day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ingest.demo import story
from ingest.demo.companies import RETAILER, Company
from ingest.demo.devices import ALLOWED, REFUSED, Browsers, make_browsers
from ingest.demo.options import WorldOptions
from ingest.demo.people import People, make_people
from ingest.demo.randomness import Ints, Texts, hex_ids, texts
from matchbook.keys import Keys


@dataclass(frozen=True)
class Cast:
    """People, their browsers and the keys that sign cookies and links."""

    options: WorldOptions
    keys: Keys
    people: People
    browsers: Browsers

    def permission(self, company: Company, browser: Ints, day: int) -> Ints:
        """What each browser allows a company on a day."""
        permission = self.browsers.permission[browser]
        if company is RETAILER and day >= self.options.at_share(story.BANNER_CHANGE):
            refuses = self.browsers.refuses_new_banner[browser]
            permission = np.where((permission == ALLOWED) & refuses, REFUSED, permission)
        return permission

    def visitor_ids(self, browser: Ints, day: int) -> Texts:
        """The visitor id in each browser's cookie on a day."""
        epoch = self.browsers.epoch(browser, day)
        return texts(hex_ids("visitor", 32, self.options.seed, browser, epoch))


def make_cast(options: WorldOptions, keys: Keys) -> Cast:
    """The same options make the same cast."""
    people = make_people(options)
    return Cast(options, keys, people, make_browsers(options, people))
