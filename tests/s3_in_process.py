"""An S3 API on loopback in this process, that can be told to fail: moto's, behind a gate."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

Gate = Callable[[str, str], str]
"""Of method and path: "" lets a request through, "500" and "503" answer so, "slow" not in time."""


class Bucket:
    """One bucket, and what was asked of its server."""

    name = "copies"

    def __init__(self, port: int) -> None:
        self.endpoint = f"http://127.0.0.1:{port}"
        self.gate: Gate = lambda _method, _path: ""
        self.refused: list[str] = []
        self.client: Any = boto3.client(
            "s3", endpoint_url=self.endpoint, region_name="us-east-1",
            aws_access_key_id="test", aws_secret_access_key="test",
        )  # fmt: skip

    @property
    def url(self) -> str:
        return f"s3://{self.name}/home"

    def contents(self) -> dict[str, bytes]:
        """Every object's bytes by its name."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.name)
        names = [item["Key"] for page in pages for item in page.get("Contents", [])]
        return {
            name.removeprefix("home/"): self.client.get_object(Bucket=self.name, Key=name)[
                "Body"
            ].read()
            for name in names
        }


@contextmanager
def running(slowness: float) -> Iterator[Bucket]:
    """A server with one empty bucket; `slowness` is how long, in seconds, it keeps quiet."""
    application = DomainDispatcherApplication(create_backend_app)
    server = make_server("127.0.0.1", 0, _Gated(application), threaded=True)
    bucket = Bucket(server.server_port)
    server.app.bucket, server.app.slowness = bucket, slowness
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        bucket.client.create_bucket(Bucket=bucket.name)
        yield bucket
        bucket.client.close()
    finally:
        server.shutdown()
        thread.join()


class _Gated:
    def __init__(self, application: Any) -> None:
        self._application = application
        self.bucket: Bucket
        self.slowness = 0.0

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        what = self.bucket.gate(environ["REQUEST_METHOD"], environ["PATH_INFO"])
        if not what:
            return self._application(environ, start_response)
        self.bucket.refused.append(what)
        if what == "slow":
            time.sleep(self.slowness)
            what = "503"
        start_response(f"{what} Busy", [("Content-Type", "text/plain")])
        return [b"come back later"]
