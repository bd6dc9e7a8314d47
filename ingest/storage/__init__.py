"""Clients' storage: whole CRM files are copied to the inbox and leave once they are landed.

A folder, an S3 bucket or an SFTP server, each a `StorageLocation` of the registry, is polled
by the convention `onboard/audience=<list>/<mode>/<file>`. What is done with a file is noted in
state, so that a poll that is killed anywhere is completed by the next one.
"""

from ingest.storage.noted import is_landing_due
from ingest.storage.polling import Poll, clear, fetch, test

__all__ = ["Poll", "clear", "fetch", "is_landing_due", "test"]
