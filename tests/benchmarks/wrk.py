"""Different calls for wrk, and what it measured."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from matchbook.keys import Keys
from tests.pixel_lines import AGENTS, cookie, sync
from tests.tc_strings import VENDOR, tc_string

BROWSERS = 20_000
"""More than the collector remembers: when a call comes again it is as good as new."""
CONNECTIONS = 64
_WRK = ("wrk", "-t2", "--timeout", "10s")
PARTNERS = ("snowplow", "permutive", "supermetrics")


@dataclass(frozen=True)
class Measured:
    """One run."""

    calls: int
    per_second: float
    failed: dict[str, int]
    """By kind: connect, read, write, status or timeout, those that happened."""

    @property
    def errors(self) -> int:
        """All of them."""
        return sum(self.failed.values())


def script(folder: Path, keys: Keys, host: str, *, is_fresh: bool = False) -> Path:
    """A wrk script: page by page a browser's sync with each partner, a third with a TC string.

    With `is_fresh` ids, agents and pages never come again, and half of the browsers are new.
    """
    folder.mkdir(parents=True, exist_ok=True)
    calls = folder / "calls.txt"
    calls.write_text("".join(_page(keys, number) for number in range(BROWSERS)))
    path = folder / "calls.lua"
    path.write_text(
        f'local file, host = "{calls}", "{host}"\n' + _COMMON + (_FRESH if is_fresh else _REPEATED)
    )
    return path


def run(url: str, lua: Path, seconds: float) -> Measured:
    """Load a server with CONNECTIONS connections from two threads."""
    load = subprocess.run(command(url, lua, seconds), capture_output=True, text=True, check=True)
    return told(load.stdout)


def command(url: str, lua: Path, seconds: float) -> list[str]:
    """The program that does so."""
    return [*_WRK, f"-c{CONNECTIONS}", f"-d{seconds:.0f}s", "-s", str(lua), url]


def told(output: str) -> Measured:
    """What wrk said at its end."""
    (line,) = re.findall(r"^\{.*\}$", output, re.MULTILINE)
    found = json.loads(line)
    return Measured(
        calls=found["calls"],
        per_second=found["calls"] / found["microseconds"] * 1e6,
        failed={kind: count for kind, count in found["failed"].items() if count},
    )


def _page(keys: Keys, number: int) -> str:
    own, consent = cookie(keys, number), ""
    if number % 3 == 0:
        given = date(2026, 10, 1) + timedelta(days=number % 40)
        consent = f"&gdpr=1&gdpr_consent={_tc_string(given, 30 + number % 7)}"
    agent = AGENTS[number % 3].replace("129.0", f"{100 + number % 40}.0")
    lines = []
    for place, partner in enumerate(PARTNERS):
        url = sync(f"2fd62987-48da-473d-{place:04x}-{number * 7919:012x}", partner=partner)
        lines.append(f"{url}{consent}\t_ga=GA1.2.{number}; mbid={own}\t{agent}\n")
    return "".join(lines)


@cache
def _tc_string(given: date, vendor: int) -> str:
    return tc_string(given=given, vendors=(VENDOR, vendor))


_COMMON = r"""
local calls, number = {}, 0
local formatted = function(path, cookie, agent, page)
  return wrk.format("GET", path, {
    ["Host"] = host, ["Cookie"] = cookie, ["User-Agent"] = agent, ["Referer"] = page,
    ["Accept"] = "image/avif,image/webp,*/*", ["Accept-Language"] = "nl,en;q=0.5",
    ["Accept-Encoding"] = "gzip, deflate, br",
  })
end
done = function(summary)
  local e = summary.errors
  io.write(string.format('{"calls":%d,"microseconds":%d,"failed":{"connect":%d,"read":%d,'
    .. '"write":%d,"status":%d,"timeout":%d}}\n', summary.requests, summary.duration,
    e.connect, e.read, e.write, e.status, e.timeout))
end
"""

_REPEATED = r"""
init = function(args)
  for line in io.lines(file) do
    local path, cookie, agent = line:match("(.-)\t(.-)\t(.*)")
    calls[#calls + 1] = formatted(path, cookie, agent, "https://shop.example/shoes?x=1")
  end
end
request = function()
  number = number % #calls + 1
  return calls[number]
end
"""

_FRESH = r"""
init = function(args)
  math.randomseed(os.time() + tonumber(tostring(calls):match("0x(%x+)"), 16) % 1000003)
  for line in io.lines(file) do
    local path, cookie, agent = line:match("(.-)\t(.-)\t(.*)")
    calls[#calls + 1] = {path, cookie, agent}
  end
end
request = function()
  number = number % #calls + 1
  local call = calls[number]
  local fresh = string.format("%06x%06x", math.random(0, 0xffffff), math.random(0, 0xffffff))
  local path = call[1]:gsub("(473d%-%x+)%-%x+", "%1-" .. fresh)
  local cookie = number % 2 == 0 and call[2] or "_ga=" .. fresh
  return formatted(path, cookie, call[3] .. " Build/" .. fresh, "https://" .. fresh .. ".example/")
end
"""
