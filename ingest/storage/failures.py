"""What the drivers' errors mean, and what to do about them. Their own texts are not repeated:
they quote addresses, names and sometimes keys."""

from __future__ import annotations

from matchbook.errors import StorageUnavailable

_TEXTS = {
    "credentials": (
        "The storage refuses our credentials.",
        "Correct what the location's credentials name, then: matchbook storage test LOCATION",
    ),
    "host_key": (
        "The server does not show the host key that is in keys/known_hosts.",
        "Compare its key with the owner's word, correct keys/known_hosts, then test again.",
    ),
    "rights": (
        "The storage does not let us do what is needed.",
        "Allow listing, reading and deleting below onboard/, and writing below archive/.",
    ),
    "not_found": (
        "The bucket, folder or file is not there.",
        "Correct the location's URL, or make the folder.",
    ),
    "exists": (
        "The archive has a file of this name already, and it is not overwritten.",
        "Move it away by hand.",
    ),
    "unreachable": (
        "The storage cannot be reached, or the connection broke.",
        "Nothing has to be done if it passes: it is tried again by itself, from where it stopped.",
    ),
    "slow": (
        "The storage was too slow to hand over everything in the time of one poll.",
        "The next poll goes on where this one stopped.",
    ),
    "changed": (
        "The file changed while it was copied.",
        "It is taken when it has settled; write it as .part and rename it.",
    ),
    "too_large": (
        "The file is larger than may be picked up.",
        "Deliver it in parts, or compressed.",
    ),
    "manifest_mismatch": (
        "The file is not what its manifest says.",
        "Deliver file and manifest again.",
    ),
    "unknown_list": (
        "A folder is for a list that this client does not have.",
        "Register the list for the client, or correct the folder's audience=<list>.",
    ),
    "unknown_mode": (
        "A folder is not one of the modes.",
        "Use opt-in, opt-out or replace.",
    ),
    "file_name": (
        "A name does not follow the convention.",
        "Put files at onboard/audience=<list>/<mode>/<YYYYMMDD_HHmmss>.csv, .csv.gz or .csv.zip.",
    ),
    "unforeseen": (
        "Something unforeseen went wrong with this location.",
        "It is tried again by itself; if it goes on, please report it.",
    ),
}
_REASONS = {
    "HostKeyNotVerifiable": "host_key",
    "PermissionDenied": "credentials",
    "SFTPPermissionDenied": "rights",
    "SFTPNoSuchFile": "not_found",
    "SFTPNoSuchPath": "not_found",
    "NoCredentialsError": "credentials",
    "PermissionError": "rights",
    "FileNotFoundError": "not_found",
    "NotADirectoryError": "not_found",
    "FileExistsError": "exists",
    "SFTPFileAlreadyExists": "exists",
    "OSError": "unreachable",
    "TimeoutError": "unreachable",
    "EOFError": "unreachable",
}
"""By the names of classes: their packages are heavy, and are there only if they were used."""
_PACKAGES = ("asyncssh", "aiohttp", "aiobotocore", "botocore", "sshfs", "s3fs", "fsspec")
_BAD_KEYS = ("InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken",
             "InvalidClientTokenId", "TokenRefreshRequired")  # fmt: skip


def unavailable(reason: str) -> StorageUnavailable:
    """The error for one of the reasons above."""
    happened, todo = _TEXTS[reason]
    return StorageUnavailable(reason, happened, todo=todo)


def failure(error: BaseException) -> StorageUnavailable | None:
    """What an error of a driver means; None when it is not a driver's."""
    if _s3_code(error) in _BAD_KEYS:
        return unavailable("credentials")
    # sshfs turns a refused log-in into a PermissionError.
    if type(error.__cause__).__name__ in ("PermissionDenied", "HostKeyNotVerifiable"):
        return failure(error.__cause__) if error.__cause__ else None
    for kind in type(error).__mro__:
        if kind.__name__ in _REASONS:
            return unavailable(_REASONS[kind.__name__])
    if type(error).__module__.split(".")[0] in _PACKAGES:
        return unavailable("unreachable")
    return None


def _s3_code(error: BaseException) -> str:
    answer = getattr(error.__cause__ or error, "response", None)
    return (
        str(answer["Error"].get("Code")) if isinstance(answer, dict) and "Error" in answer else ""
    )
