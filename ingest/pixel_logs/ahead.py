"""Work done in another thread before its result is asked for."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar, cast

Item = TypeVar("Item")

_END = object()


def ahead(items: Iterator[Item], count: int = 1) -> Generator[Item, None, None]:
    """The items in order, up to `count` of them made before they are asked for."""
    with ThreadPoolExecutor(1) as pool:
        waiting: deque[Future[object]] = deque()
        for _ in range(count):
            waiting.append(pool.submit(next, items, _END))
        # No name holds on to an item that its taker has let go.
        while (found := [waiting.popleft().result()])[0] is not _END:
            waiting.append(pool.submit(next, items, _END))
            yield cast(Item, found.pop())
