"""Hashing a customer's own file on the customer's own machine, before anything leaves it.

It opens no warehouse, registry or connection: a CSV goes in, a CSV that landing accepts and a
report without values come out.
"""

from ingest.hashing.columns import Choice
from ingest.hashing.files import Hashed, hash_file

__all__ = ["Choice", "Hashed", "hash_file"]
