"""A stand-in for Mapp CEP's REST API, written from its published contract; it shares no code with
our client. Rules are numbered as in that contract: G1–G14 for every call, #1–#23 for methods.

Real HTTP on loopback: `python -m tests.cep_server`, or `running()` inside a test.
"""

from tests.cep_server.serving import StandIn, running
from tests.cep_server.store import Contact, Group, Store, SystemUser, example_store

__all__ = ["Contact", "Group", "StandIn", "Store", "SystemUser", "example_store", "running"]
