"""The worker that hashes, driven without the page: what goes in, what comes out.

Its built script as it is; nobody serves it but the browser itself.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Route

from dashboard.app_pages.hasher_config import guards
from dashboard.components.crm_hasher import script_path
from matchbook.normalisation import definition, headers

_ASK = """
async ([requests, config]) => {
  const worker = new Worker('/crm-hasher/worker.js', { type: 'module' });
  const answers = new Map();
  return await new Promise((done, failed) => {
    worker.onerror = () => failed(new Error('the worker failed'));
    worker.onmessage = ({ data }) => {
      if (data.kind === 'progress') return;
      answers.set(data.id, data.value ?? data);
      if (answers.size === requests.length) done(requests.map((_, id) => answers.get(id)));
    };
    requests.forEach((request, id) => {
      const own = { ...config, country: request.region ?? '' };
      worker.postMessage({ kind: 'normalise', id, config: own, ...request });
    });
  });
}
"""

_HASH = """
async ([bytes, name, mode, config]) => {
  const file = new File([Uint8Array.from(atob(bytes), c => c.charCodeAt(0))], name);
  const worker = new Worker('/crm-hasher/worker.js', { type: 'module' });
  const ask = request => new Promise(done => {
    worker.onmessage = ({ data }) => data.kind === 'progress' || done(data);
    worker.postMessage({ id: 1, file, config, ...request });
  });
  const opened = await ask({ kind: 'open' });
  if (opened.kind === 'refused') return opened;
  const { columns } = opened.opened;
  const { hashed } = await ask({ kind: 'hash', columns, mode });
  return {
    columns, account: hashed.account, remarks: await hashed.remarks.text(),
    text: hashed.header + await new Blob(hashed.pieces).text(),
  };
}
"""


_HASH_ALL = """
async ([files, config]) => {
  const worker = new Worker('/crm-hasher/worker.js', { type: 'module' });
  const ask = request => new Promise(done => {
    worker.onmessage = ({ data }) => data.kind === 'progress' || done(data);
    worker.postMessage({ id: 1, ...request });
  });
  const found = [];
  for (const { bytes, roles, mode, country } of files) {
    const file = new File([Uint8Array.from(atob(bytes), c => c.charCodeAt(0))], 'a.csv');
    const own = { ...config, country };
    const opened = await ask({ kind: 'open', file, config: own });
    if (opened.kind === 'refused') { found.push({ refused: opened.reason }); continue; }
    const columns = opened.opened.columns.map(column => {
      const role = roles[column.position] ?? column.role;
      return { ...column, role: role === 'attribute' && column.isPersonal ? 'skip' : role };
    });
    const done = await ask({ kind: 'hash', file, config: own, columns, mode });
    if (done.kind === 'refused') { found.push({ refused: done.reason }); continue; }
    const { header, pieces, remarks, account } = done.hashed;
    found.push({
      columns, account, text: header + await new Blob(pieces).text(), remarks: await remarks.text(),
    });
  }
  return found;
}
"""

_MEASURE = """
async ([name, mode, config]) => {
  const file = new File([await (await fetch(`/${name}`)).blob()], name);
  const worker = new Worker('/crm-hasher/worker.js', { type: 'module' });
  const ask = request => new Promise(done => {
    worker.onmessage = ({ data }) => data.kind === 'progress' || done(data);
    worker.postMessage({ id: 1, file, config, ...request });
  });
  const { columns } = (await ask({ kind: 'open' })).opened;
  const { account, seconds } = (await ask({ kind: 'hash', columns, mode })).hashed;
  return { account, seconds };
}
"""

HOME = "https://hasher.localhost"


@contextmanager
def hasher_page(browser: Browser, files: Path | None = None) -> Iterator[Page]:
    """A page on which the worker can be started; `files` are there for it to fetch."""
    context = browser.new_context()
    try:
        context.route("**/*", lambda route: _answer(route, files))
        page = context.new_page()
        page.goto(HOME)
        yield page
    finally:
        context.close()


def _answer(route: Route, files: Path | None) -> None:
    name = route.request.url.split("?")[0].rpartition("/")[2]
    if script := script_path(name):
        route.fulfill(path=script, content_type="text/javascript")
    elif files and name:
        route.fulfill(path=files / name, content_type="text/csv")
    else:
        route.fulfill(body="<!doctype html><title>-</title>", content_type="text/html")


def config(country: str = "NL") -> dict[str, Any]:
    """What the page gives the worker."""
    return {
        "guards": guards(),
        "headers": headers(),
        "definition": definition(),
        "country": country,
    }


def normalised(page: Page, requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each request (type, profile, raw, region) as {text, sha256} or {problem}."""
    found: list[dict[str, Any]] = page.evaluate(_ASK, [requests, config()])
    return found


def hashed(page: Page, content: bytes, name: str = "a.csv", mode: str = "opt-in") -> Any:
    """A file as recognised and hashed without any choice of a person."""
    return page.evaluate(_HASH, [base64.b64encode(content).decode(), name, mode, config()])


def hashed_all(page: Page, files: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Files in turn: `content`, `roles` by position, `mode`, `country`."""
    asked = [
        {
            "bytes": base64.b64encode(file["content"]).decode(),
            "roles": file.get("roles", {}),
            "mode": file.get("mode", "opt-in"),
            "country": file.get("country", "NL"),
        }
        for file in files
    ]
    found: list[dict[str, Any]] = page.evaluate(_HASH_ALL, [asked, config()])
    return found


def measured(page: Page, name: str) -> Any:
    """The account of a file that the page can fetch, and the seconds it took to hash."""
    return page.evaluate(_MEASURE, [name, "opt-in", config()])
