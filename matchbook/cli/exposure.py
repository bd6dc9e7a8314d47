"""What `matchbook doctor` looks for where secrets could be read by others, or be none at all.

No finding says a value: it names the place.
"""

from __future__ import annotations

import mmap
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from matchbook import partner_channels, registry
from matchbook.cli.demo_nights import read_options
from matchbook.errors import ConfigError
from matchbook.keys import RETIRED
from matchbook.settings import ENVIRONMENT, Settings
from matchbook.sign_in import is_loopback

_SHORTEST = 8
"""A shorter secret would be found anywhere."""

_PREFIXES = tuple(name for name in ENVIRONMENT if name.endswith("_"))
_PLACEHOLDER = re.compile(
    r"(?:change.?me|(?:my|your|the)?[-_ ]?(?:secret|password|key|token)|example.*|placeholder.*"
    r"|x{3,}|todo|test|dummy|<.*>|\$\{.*\}|\{\{.*\}\}|(.)\1*)",
    re.IGNORECASE,
)


def permissions(settings: Settings) -> str:
    """Whether keys are their owner's alone, and what is stored is not everybody's."""
    for path in (settings.keys, *sorted(settings.keys.rglob("*"))):
        mode = path.stat().st_mode
        allowed = 0o022 if path.name == "known_hosts" else 0o077
        if mode & allowed:
            wanted = "700" if stat.S_ISDIR(mode) else "600"
            shown = path.relative_to(settings.home)
            raise ConfigError(f"{shown} is open to others.", todo=f"Run: chmod {wanted} {path}")
    mode = settings.home.stat().st_mode
    if mode & 0o002 or (mode & 0o005 and serves_others(settings)):
        raise ConfigError(
            "The home folder is open to every account of this machine.",
            todo=f"Run: chmod 750 {settings.home}",
        )
    return "keys are 0600 in 0700; the home folder is not everybody's"


def placeholders(settings: Settings) -> str:
    """Whether each secret that is named is there, and is one."""
    missing = [name for name, value in _named(settings) if not value.strip()]
    if missing:
        raise ConfigError(f"{_few(missing)} holds nothing.", todo="Set it where matchbook runs.")
    found = [*_named(settings), *_set(), *_files(settings)]
    fake = sorted({name for name, value in found if _PLACEHOLDER.fullmatch(value.strip())})
    if fake:
        raise ConfigError(f"{_few(fake)} holds a placeholder.", todo="Put the real secret there.")
    if serves_others(settings) and read_options(settings) is not None:
        raise ConfigError(
            "This home is a demo's: its keys come from a number that everybody knows.",
            todo="Begin in an empty folder: set MATCHBOOK_HOME.",
        )
    return f"{len({name for name, _ in found})} secrets, none is a placeholder"


def leaks(settings: Settings) -> str:
    """Whether a secret stands in the state, a registry document, a log or the process list."""
    secrets = {value.strip().encode() for _, value in _secrets(settings)}
    secrets = {value for value in secrets if len(value) >= _SHORTEST}
    places = [*_kept(settings), *_command_lines()]
    found = [name for name, path in places if _holds(path, secrets)]
    if found:
        raise ConfigError(
            f"A secret stands in {_few(sorted(set(found)))}.",
            todo="Change that secret, and give it by reference: env:NAME or file:NAME.",
        )
    return f"{len(secrets)} secrets, none in the state, the registry, logs or the process list"


def serves_others(settings: Settings) -> bool:
    """Whether more than one person at this computer is meant to reach it."""
    hosts = (settings.host, settings.collector_bind[0])
    return settings.sign_in is not None or not all(map(is_loopback, hosts))


def _secrets(settings: Settings) -> Iterator[tuple[str, str]]:
    yield from _named(settings)
    yield from _set()
    yield from _files(settings)
    if password := urlsplit(settings.state_url).password:
        yield "MATCHBOOK_STATE_URL", password
    for path in settings.keys.glob("*.key"):
        yield from ((path.name, line) for line in path.read_text().split() if line != RETIRED)


def _named(settings: Settings) -> Iterator[tuple[str, str]]:
    """References that configuration has, with what they hold in the environment."""
    document = registry.current(settings)
    named = [place.credentials for client in document.clients for place in client.storage]
    named += [channel.credentials for channel in partner_channels.every(settings)]
    if settings.sign_in is not None:
        named.append(settings.sign_in.secret)
    for reference in filter(None, named):
        kind, _, name = reference.partition(":")
        if kind == "env":
            yield reference, os.environ.get(name, "")


def _set() -> Iterator[tuple[str, str]]:
    return ((f"env:{k}", v) for k, v in os.environ.items() if k.startswith(_PREFIXES) and v)


def _files(settings: Settings) -> Iterator[tuple[str, str]]:
    """What people put into keys/<folder>/; what pages keep there is encrypted and no text."""
    for path in settings.keys.glob("*/*"):
        if path.is_file() and (text := _text(path)) is not None:
            yield f"file:{path.name}", text


def _text(path: Path) -> str | None:
    try:
        return path.read_text()
    except (UnicodeDecodeError, OSError):
        return None


def _kept(settings: Settings) -> Iterator[tuple[str, Path]]:
    yield from (("the state", path) for path in settings.home.glob("state.sqlite*"))
    yield from (("a registry document", path) for path in settings.registry.glob("*.json"))
    for pattern in ("*.log", "dbt/**/*.log", "logs/**/*"):
        yield from (("a log", path) for path in settings.home.glob(pattern) if path.is_file())


def _command_lines() -> Iterator[tuple[str, Path]]:
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        yield "the process list", path


def _holds(path: Path, secrets: set[bytes]) -> bool:
    try:
        if path.is_relative_to("/proc"):
            content = path.read_bytes()
            return any(secret in content for secret in secrets)
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as kept:
            return any(kept.find(secret) >= 0 for secret in secrets)
    except (OSError, ValueError):  # gone meanwhile, or empty
        return False


def _few(names: list[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more
