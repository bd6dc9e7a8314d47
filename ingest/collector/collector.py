"""What every handler needs: settings, keys, the live registry, the log and the counters."""

from __future__ import annotations

import itertools
import secrets
from dataclasses import dataclass, field

from ingest.collector.contacts import OptedOutContacts
from ingest.collector.cookie_ids import refusal
from ingest.collector.directory import Directory
from ingest.collector.key_watch import KeyWatch
from ingest.collector.metrics import Metrics
from ingest.collector.registry_watch import RegistryWatch
from ingest.collector.segments import SegmentLog
from ingest.pixel_logs.agents import describe
from matchbook.keys import Keys
from matchbook.registry import Registry
from matchbook.settings import Settings


@dataclass
class Collector:
    """One collector process."""

    settings: Settings
    key_watch: KeyWatch
    log: SegmentLog
    metrics: Metrics
    watch: RegistryWatch
    contacts: OptedOutContacts
    _prefix: str = field(default_factory=lambda: secrets.token_hex(8))
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    @property
    def keys(self) -> Keys:
        """The keys in force now."""
        return self.key_watch.keys

    @property
    def registry(self) -> Registry:
        """The registry in force now."""
        return self.watch.directory.registry

    @property
    def directory(self) -> Directory:
        """The same, indexed."""
        return self.watch.directory

    def next_hit_id(self) -> str:
        """32 hex digits that no other hit has: 64 random bits of this process and a number."""
        return f"{self._prefix}{next(self._numbers):016x}"


def open_collector(settings: Settings) -> Collector:
    """Make a collector, close what a dead one left, and begin to follow the registry.

    Raises ConfigError when the home folder or a key cannot be used.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    collector = Collector(
        settings=settings,
        key_watch=KeyWatch(settings),
        log=SegmentLog(settings, is_sync=settings.collector_log == "sync"),
        metrics=Metrics(),
        watch=RegistryWatch(settings),
        contacts=OptedOutContacts(settings),
    )
    collector.metrics.watch_log(collector.log)
    _warm_up()
    collector.key_watch.start()
    collector.watch.start()
    collector.contacts.start()
    return collector


def _warm_up() -> None:
    """Load the rules that the first call would wait for, a third of a second."""
    describe("Mozilla/5.0")
    refusal("snowplow", "", "")


def close_collector(collector: Collector) -> None:
    """Stop following the registry and close the segment."""
    collector.key_watch.stop()
    collector.watch.stop()
    collector.contacts.stop()
    collector.log.close()
