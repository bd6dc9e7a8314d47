"""People at the dashboard without a browser: Streamlit's own WebSocket, one connection each."""

from __future__ import annotations

import time
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.util import calc_hash
from websockets.asyncio.client import ClientConnection, connect

MOST_BYTES = 64 * 1024 * 1024
ENDED = (
    ForwardMsg.ScriptFinishedStatus.FINISHED_SUCCESSFULLY,
    ForwardMsg.ScriptFinishedStatus.FINISHED_EARLY_FOR_RERUN,
)


@dataclass
class Visitor:
    """One person with one tab."""

    socket: ClientConnection

    async def open(self, path: str, **parameters: str) -> float:
        """Seconds until the page has been sent whole."""
        asked = BackMsg()
        asked.rerun_script.query_string = urlencode(parameters)
        asked.rerun_script.page_script_hash = calc_hash(path) if path else ""
        began = time.perf_counter()
        await self.socket.send(asked.SerializeToString())
        while True:
            told = ForwardMsg()
            told.ParseFromString(await self.socket.recv())  # type: ignore[arg-type]
            if told.WhichOneof("type") == "script_finished" and told.script_finished in ENDED:
                return time.perf_counter() - began


async def arrive(address: str) -> Visitor:
    """A new person at the dashboard."""
    place = urlsplit(address)
    socket = await connect(
        f"ws://{place.netloc}/_stcore/stream",
        subprotocols=["streamlit"],  # type: ignore[list-item]
        max_size=MOST_BYTES,
        compression=None,
    )
    return Visitor(socket)
