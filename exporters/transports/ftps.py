"""FTP over TLS, asked for with AUTH TLS; control and data are both encrypted."""

from __future__ import annotations

import ftplib
import hashlib
import posixpath
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

from exporters.transports.failures import away, log_in_refused, no_rights, not_as_sent, not_trusted
from exporters.transports.secrets import credentials
from exporters.transports.transport import FileDrop
from matchbook.clock import Clock
from matchbook.partner_channels import Channel
from matchbook.settings import Settings

ANSWER_SECONDS = 60
_BLOCK = 1 << 18
_NOT_LOGGED_IN = ("530", "532", "331")


class _Client(ftplib.FTP_TLS):
    def ntransfercmd(
        self, cmd: str, rest: int | str | None = None
    ) -> tuple[socket.socket, int | None]:
        """Data connections go on with the session of the first one; many servers want that."""
        plain, size = ftplib.FTP.ntransfercmd(self, cmd, rest)  # noqa: S321 - TLS comes next
        session = self.sock.session  # type: ignore[union-attr]
        context: ssl.SSLContext = self.context
        return context.wrap_socket(plain, server_hostname=self.host, session=session), size


class Ftps(FileDrop):
    """One connection, one log-in."""

    def __init__(self, settings: Settings, channel: Channel, clock: Clock) -> None:
        super().__init__(clock)
        url = urlsplit(channel.address)
        self._base = url.path or "."
        password = credentials(settings, channel)
        self._ftp = _Client(context=ssl.create_default_context(), timeout=ANSWER_SECONDS)
        try:
            with _told(log_in=True):
                self._ftp.connect(url.hostname or "", url.port or 21)
                self._ftp.login(url.username or "", password)
                self._ftp.prot_p()
                self._ftp.voidcmd("TYPE I")
        except BaseException:
            self._ftp.close()
            raise

    def put(self, name: str, source: Path) -> None:
        """Under `.part` first; it gets its name when the server has all of it."""
        path = self._path(name)
        with _told(), source.open("rb") as handle:
            self._make_folders(posixpath.dirname(path))
            self._ftp.storbinary(f"STOR {path}.part", handle, blocksize=_BLOCK)
            if self._ftp.size(f"{path}.part") != source.stat().st_size:
                raise not_as_sent()
            self._ftp.rename(f"{path}.part", path)

    def sha256(self, name: str) -> str | None:
        """Read it all back."""
        digest = hashlib.sha256()
        with _told():
            if not self._stands(self._path(name)):
                return None
            self._ftp.retrbinary(f"RETR {self._path(name)}", digest.update, blocksize=_BLOCK)
        return digest.hexdigest()

    def remove(self, name: str) -> None:
        """The file and its `.part`."""
        with _told():
            for path in (self._path(name), f"{self._path(name)}.part"):
                if self._stands(path):
                    self._ftp.delete(path)

    def close(self) -> None:
        """End the connection; one that is broken has ended."""
        with suppress(*ftplib.all_errors):
            self._ftp.quit()
        self._ftp.close()

    def _path(self, name: str) -> str:
        return posixpath.join(self._base, name)

    def _stands(self, path: str) -> bool:
        try:
            self._ftp.size(path)
        except ftplib.error_perm as error:
            if str(error)[:3] in ("550", "553"):
                return False
            raise
        return True

    def _make_folders(self, folder: str) -> None:
        below = folder.removeprefix(self._base).strip("/")
        path = self._base
        for part in below.split("/") if below else []:
            path = posixpath.join(path, part)
            with suppress(ftplib.error_perm):  # it is there already, or STOR will say why not
                self._ftp.mkd(path)


@contextmanager
def _told(*, log_in: bool = False) -> Iterator[None]:
    try:
        yield
    except ssl.SSLCertVerificationError:
        raise not_trusted() from None
    except ftplib.error_perm as error:
        refused = log_in or str(error)[:3] in _NOT_LOGGED_IN
        raise (log_in_refused() if refused else no_rights()) from None
    except ftplib.error_temp as error:
        raise (no_rights() if str(error)[:3] == "452" else away()) from None
    except ftplib.all_errors:
        raise away() from None
