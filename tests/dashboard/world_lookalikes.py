"""A shop of gardeners with three audiences and a lookalike of one, for the page Lookalikes."""

from __future__ import annotations

from matchbook.kept_audiences import refreshing, store
from matchbook.lookalikes import lookalike
from matchbook.settings import Settings
from tests.dashboard.world_audiences import add_what_pages_read
from tests.matchbook.kept_audiences.nights import FIRST, SHOP, make_client
from tests.matchbook.lookalikes.shops import BUYERS, DRAWN, ON_SALE, open_shop

NOW = FIRST


def make_home(settings: Settings) -> Settings:
    """One night. Of the seeds one is told apart well, and one is drawn by lot."""
    shop = add_what_pages_read(open_shop(make_client(settings)))
    for seed in (BUYERS, ON_SALE, DRAWN):
        store.create(shop, SHOP, seed, by="Anna")
    wish = lookalike(name="Could buy", seed="buyers", people=300, owner="CRM team")
    store.create(shop, SHOP, wish, by="Anna")
    refreshing.refresh(shop, SHOP)
    return shop


def next_night(shop: Settings) -> Settings:
    """A newer build, of which nothing was refreshed yet."""
    return add_what_pages_read(open_shop(shop, 1))
