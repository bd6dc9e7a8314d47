"""The demo world: invented companies, people and browsers, with known truth."""

from ingest.demo.options import WorldOptions
from ingest.demo.truth import Score, score
from ingest.demo.world import World, end_yesterday, make_world

__all__ = ["Score", "World", "WorldOptions", "end_yesterday", "make_world", "score"]
