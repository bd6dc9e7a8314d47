"""A bucket behind an S3 API: an object appears whole, and only where nothing has its name."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import botocore.exceptions
import botocore.session
from botocore.config import Config

from exporters.destinations import sha256_of
from exporters.transports.failures import (
    away,
    busy,
    log_in_refused,
    name_taken,
    no_place,
    no_rights,
    not_as_sent,
)
from exporters.transports.secrets import pair
from exporters.transports.transport import FileDrop
from matchbook.clock import Clock
from matchbook.errors import DestinationError
from matchbook.partner_channels import Channel
from matchbook.settings import Settings

_WAITS = Config(connect_timeout=10, read_timeout=60, retries={"total_max_attempts": 1})
_BAD_KEYS = {"InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken"}
_BUSY = {"SlowDown", "ServiceUnavailable", "RequestTimeout", "InternalError", "503", "500",
         "ConditionalRequestConflict", "OperationAborted"}  # fmt: skip
_NO_PLACE = {"NoSuchBucket", "PermanentRedirect", "AuthorizationHeaderMalformed",
             "IllegalLocationConstraintException", "301", "400"}  # fmt: skip
"""A bucket of another region answers by one of the latter."""


class Bucket(FileDrop):
    """Without credentials: those that the machine has from Amazon."""

    def __init__(self, settings: Settings, channel: Channel, clock: Clock) -> None:
        super().__init__(clock)
        self._bucket, _, self._prefix = channel.address.removeprefix("s3://").partition("/")
        given: dict[str, Any] = {"endpoint_url": channel.endpoint}
        if channel.endpoint:
            given["region_name"] = "us-east-1"
        if channel.credentials:
            identity, key = pair(settings, channel)
            given |= {"aws_access_key_id": identity, "aws_secret_access_key": key}
        with _told():
            session = botocore.session.get_session()
            self._client = session.create_client("s3", config=_WAITS, **given)

    def put(self, name: str, source: Path) -> None:
        """One call; the server checks the digest and that nothing has the name."""
        digest = sha256_of(source)
        try:
            with _told(), source.open("rb") as body:
                self._client.put_object(
                    Bucket=self._bucket,
                    Key=self._key(name),
                    Body=body,
                    IfNoneMatch="*",
                    ChecksumSHA256=base64.b64encode(bytes.fromhex(digest)).decode(),
                    Metadata={"sha256": digest},
                )
        except _NameTaken:
            # By ourselves perhaps, in a call whose answer was lost.
            if self.sha256(name) != digest:
                raise name_taken() from None

    def sha256(self, name: str) -> str | None:
        """By the checksum that the server keeps, or of the bytes where it keeps none."""
        place = {"Bucket": self._bucket, "Key": self._key(name)}
        try:
            with _told():
                head = self._client.head_object(**place, ChecksumMode="ENABLED")
        except _Absent:
            return None
        if kept := head.get("ChecksumSHA256"):
            return base64.b64decode(kept).hex()
        digest = hashlib.sha256()
        with _told():
            for block in self._client.get_object(**place)["Body"].iter_chunks(1 << 20):
                digest.update(block)
        return digest.hexdigest()

    def remove(self, name: str) -> None:
        """There are no `.part` objects."""
        with _told():
            self._client.delete_object(Bucket=self._bucket, Key=self._key(name))

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()

    def _key(self, name: str) -> str:
        return f"{self._prefix}/{name}".strip("/")


class _NameTaken(DestinationError):
    pass


class _Absent(DestinationError):
    pass


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except botocore.exceptions.ClientError as error:
        raise _meaning(error) from None
    except botocore.exceptions.NoCredentialsError:
        raise log_in_refused() from None
    except (botocore.exceptions.BotoCoreError, OSError):
        raise away() from None


def _meaning(error: botocore.exceptions.ClientError) -> DestinationError:
    code = str(error.response.get("Error", {}).get("Code", ""))
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if status == 412 or code == "PreconditionFailed":
        return _NameTaken("There is an object of this name.")
    if code in ("404", "NoSuchKey"):
        return _Absent("There is no object of this name.")
    if code in _BAD_KEYS:
        return log_in_refused()
    if code in ("BadDigest", "XAmzContentChecksumMismatch"):
        return not_as_sent()
    if code in _BUSY or status >= 500 or status == 429:
        return busy()
    return no_place() if code in _NO_PLACE else no_rights()
