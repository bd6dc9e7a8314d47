"""Settings: read once at the edge from the environment, then passed on.

Everything a deployment holds lives under `home`.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from matchbook.clock import Clock, parse_moment
from matchbook.errors import ConfigError
from matchbook.sign_in import SignIn, from_environment

REPOSITORY = Path(__file__).resolve().parent.parent
"""Where dbt_project/ and the default home are: the package is installed editable."""

ENVIRONMENT = {
    "MATCHBOOK_HOME": "Folder that holds everything; default var/ in the repository.",
    "MATCHBOOK_NOW": "Fixes the clock, ISO 8601; for demos, tests and public data.",
    "MATCHBOOK_STATE_URL": "URL of a PostgreSQL for the state; default an SQLite file under home.",
    "MATCHBOOK_ENGINE": "What builds: `duckdb`, the default, or `spark` (docs/scale.md).",
    "MATCHBOOK_BUILD_MEMORY": "What DuckDB takes while it builds before it spills to disk, "
    "as 8GB or 50%; default 80% of the machine.",
    "MATCHBOOK_OBJECTS": "Folder or s3:// URL to which lake and snapshots are copied, and through "
    "which collectors send segments; default none (docs/scale.md).",
    "MATCHBOOK_TRACES": "URL to which each run is told as an OpenTelemetry trace, such as "
    "http://127.0.0.1:4318/v1/traces; default none (docs/scale.md).",
    "MATCHBOOK_HOST": "Address the dashboard binds to; default 127.0.0.1.",
    "MATCHBOOK_PORT": "First port the dashboard tries; default 8501.",
    "MATCHBOOK_URL": "The dashboard's address as browsers see it, such as "
    "https://matchbook.example.com; needed for sign-in.",
    "MATCHBOOK_SIGN_IN_PROVIDER": "URL of the OpenID Connect provider's metadata; without it "
    "nobody signs in, and the dashboard serves this computer alone.",
    "MATCHBOOK_SIGN_IN_CLIENT_ID": "What the provider calls this installation.",
    "MATCHBOOK_SIGN_IN_SECRET": "Where the secret for the provider is: `env:NAME`, or `file:NAME` "
    "in keys/sign-in.",
    "MATCHBOOK_SESSION_HOURS": "How long a session lasts after signing in; default 8, at most 24.",
    "MATCHBOOK_SESSION_IDLE_MINUTES": "After how long without doing anything it ends; default 30.",
    "MATCHBOOK_COLLECTOR_BIND": "Address and port of the collector; default 127.0.0.1:8080.",
    "MATCHBOOK_COLLECTOR_HOSTS": "Host names the collector answers for, separated by commas, "
    "beside the registry's `collector_hosts` and local names.",
    "MATCHBOOK_COLLECTOR_LOG": "`default`: fsync within a second; `sync`: before each answer.",
    "MATCHBOOK_TRUSTED_PROXIES": "Addresses or networks, separated by commas, whose "
    "X-Forwarded-For is believed; default none.",
    "MATCHBOOK_METRICS_FROM": "Addresses or networks, separated by commas, that may read "
    "/metrics directly; default loopback.",
    "MATCHBOOK_CHECK_HOSTS": "Hosts, as `host` or `host:port` and separated by commas, whose pages "
    "the pixel check may open although they are not public; default none.",
    "MATCHBOOK_STORAGE_": "Beginning of the variables that hold secrets of clients' storage; "
    "a location names one as `env:` and the whole name.",
    "MATCHBOOK_PARTNER_": "Beginning of the variables that hold secrets of partners' channels; "
    "a channel names one as `env:` and the whole name.",
    "MATCHBOOK_CEP_": "Beginning of the variables that hold passwords of CEP accounts; "
    "an account names one as `env:` and the whole name.",
    "MATCHBOOK_WEBHOOK_": "Beginning of the variables that hold secrets of webhooks; "
    "a client's webhook names one as `env:` and the whole name.",
}
"""Every variable that is read, with its meaning (docs/settings.md is checked against it)."""

Networks = tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]

LOOPBACK: Networks = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))


@dataclass(frozen=True)
class Settings:
    """Where things are and what time it is."""

    home: Path
    now: datetime | None = None
    state_url: str = ""
    engine: str = "duckdb"
    objects: str = ""
    traces: str = ""
    host: str = "127.0.0.1"
    port: int = 8501
    collector_bind: tuple[str, int] = ("127.0.0.1", 8080)
    collector_hosts: frozenset[str] = frozenset()
    collector_log: str = "default"
    trusted_proxies: Networks = ()
    metrics_from: Networks = LOOPBACK
    check_hosts: frozenset[str] = frozenset()
    sign_in: SignIn | None = None

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Build from MATCHBOOK_* variables. Raises ConfigError for a bad value."""
        env = os.environ if environ is None else environ
        home = Path(env.get("MATCHBOOK_HOME") or REPOSITORY / "var").expanduser().resolve()
        now = env.get("MATCHBOOK_NOW")
        port = env.get("MATCHBOOK_PORT", "8501")
        if not port.isdigit() or not 0 < int(port) < 65536:
            raise ConfigError("MATCHBOOK_PORT is not a port number.", todo="Set it to 1 to 65535.")
        return cls(
            home=home,
            now=parse_moment(now) if now else None,
            state_url=env.get("MATCHBOOK_STATE_URL", ""),
            objects=env.get("MATCHBOOK_OBJECTS", ""),
            traces=env.get("MATCHBOOK_TRACES", ""),
            engine=_one_of(env, "MATCHBOOK_ENGINE", ("duckdb", "spark")),
            host=env.get("MATCHBOOK_HOST", "127.0.0.1"),
            port=int(port),
            collector_bind=address_of(
                "MATCHBOOK_COLLECTOR_BIND", env.get("MATCHBOOK_COLLECTOR_BIND", "127.0.0.1:8080")
            ),
            collector_hosts=_hosts(env, "MATCHBOOK_COLLECTOR_HOSTS"),
            collector_log=_one_of(env, "MATCHBOOK_COLLECTOR_LOG", ("default", "sync")),
            trusted_proxies=_networks(env, "MATCHBOOK_TRUSTED_PROXIES"),
            metrics_from=_networks(env, "MATCHBOOK_METRICS_FROM") or LOOPBACK,
            check_hosts=_hosts(env, "MATCHBOOK_CHECK_HOSTS"),
            sign_in=from_environment(env),
        )

    @property
    def clock(self) -> Clock:
        """A clock that stands still when `now` is set."""
        return Clock(self.now)

    @property
    def database_url(self) -> str:
        """Where state lives."""
        return self.state_url or f"sqlite:///{self.state_file}"

    @property
    def state_file(self) -> Path:
        """State itself, unless a URL names a PostgreSQL."""
        return self.home / "state.sqlite"

    @property
    def warehouse(self) -> Path:
        """The file dbt writes; only ingest and build open it."""
        return self.home / "warehouse.duckdb"

    @property
    def keys(self) -> Path:
        """Key files, 0600 in a 0700 folder."""
        return self.home / "keys"

    @property
    def registry(self) -> Path:
        """Published registry documents and their pointer."""
        return self.home / "registry"

    @property
    def inbox(self) -> Path:
        """Where log segments (`pixels/`) and CRM files (`onboard/audience=…/`) wait."""
        return self.home / "inbox"

    @property
    def collector(self) -> Path:
        """Segments that collectors have open."""
        return self.home / "collector"

    @property
    def refused(self) -> Path:
        """Damaged files that were refused, kept for a person to look at."""
        return self.home / "refused"

    @property
    def lake(self) -> Path:
        """Each load once, as Parquet: the warehouse can be rebuilt from here alone."""
        return self.home / "lake"

    @property
    def builds(self) -> Path:
        """dbt's artifacts (manifest.json, run_results.json) of the newest build."""
        return self.home / ("dbt" if self.engine == "duckdb" else "spark/dbt")

    @property
    def spark_tables(self) -> Path:
        """What Spark builds, as Parquet: `<schema>.db/<table>/`."""
        return self.home / "spark" / "tables"

    @property
    def mirror(self) -> Path:
        """Copies of what Spark's models need of registry and state, made before each build."""
        return self.home / "mirror"

    @property
    def published(self) -> Path:
        """Per-client snapshots: all that the dashboard reads."""
        return self.home / "published"

    @property
    def outbox(self) -> Path:
        """Per client × partner pairs for the exporters."""
        return self.home / "outbox"

    @property
    def holdings(self) -> Path:
        """What each destination holds, one Parquet file per target and version."""
        return self.home / "holdings"

    @property
    def audiences(self) -> Path:
        """Who is in each audience, and uploaded lists, one file per client and version."""
        return self.home / "audiences"

    @property
    def lookalikes(self) -> Path:
        """Studies of lookalikes, one file per client and lookalike; they hold no people."""
        return self.home / "lookalikes"

    @property
    def delivered(self) -> Path:
        """The local folder destination: `<client>/<partner>/…`."""
        return self.home / "delivered"

    @property
    def downloads(self) -> Path:
        """CSV files behind signed links, minutes old at most."""
        return self.home / "downloads"

    @property
    def dbt_project(self) -> Path:
        """The dbt project's folder."""
        return REPOSITORY / "dbt_project"


def address_of(name: str, text: str) -> tuple[str, int]:
    """Host and port of `127.0.0.1:8080` or `[::1]:8080`. Raises ConfigError naming the setting."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise ConfigError(f"{name} is not an address and port.", todo="Write it 127.0.0.1:8080.")
    return host.strip("[]"), int(port)


def _hosts(env: Mapping[str, str], name: str) -> frozenset[str]:
    return frozenset(word.lower() for word in _words(env.get(name, "")))


def _networks(env: Mapping[str, str], name: str) -> Networks:
    try:
        return tuple(ipaddress.ip_network(word) for word in _words(env.get(name, "")))
    except ValueError:
        raise ConfigError(
            f"{name} holds something that is not an address or network.",
            todo="Write it like 10.0.0.7,192.168.0.0/16.",
        ) from None


def _one_of(env: Mapping[str, str], name: str, words: tuple[str, ...]) -> str:
    value = env.get(name) or words[0]
    if value not in words:
        raise ConfigError(f"{name} is unknown.", todo=f"Set it to {' or '.join(words)}.")
    return value


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]
