"""The ways to partners: a folder, SFTP, FTPS, S3 and HTTPS; drivers are imported when needed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from exporters.transports.transport import FileDrop, Transport
from matchbook.partner_channels import Channel
from matchbook.settings import Settings

__all__ = ["FileDrop", "Transport", "opened"]


@contextmanager
def opened(settings: Settings, channel: Channel) -> Iterator[Transport]:
    """The channel, connected. Raises ConfigError, RetryLater, PushAborted."""
    transport = _open(settings, channel)
    try:
        yield transport
    finally:
        transport.close()


def _open(settings: Settings, channel: Channel) -> Transport:
    clock = settings.clock
    if channel.kind == "sftp":
        from exporters.transports.sftp import Sftp

        return Sftp(settings, channel, clock)
    if channel.kind == "ftps":
        from exporters.transports.ftps import Ftps

        return Ftps(settings, channel, clock)
    if channel.kind == "s3":
        from exporters.transports.s3 import Bucket

        return Bucket(settings, channel, clock)
    if channel.kind == "https":
        from exporters.transports.https import Https

        return Https(settings, channel, clock)
    from exporters.transports.local import Folder

    return Folder(urlsplit(channel.address).path, clock)
