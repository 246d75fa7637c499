"""Slack's Socket Mode on 127.0.0.1: an HTTP call that names a WebSocket, and the WebSocket."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any, Self

from tests.web.stub import Answer, Asked, Stub
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

if TYPE_CHECKING:
    from collections.abc import Sequence

APP_TOKEN, TICKET = "xapp-canary-of-the-app-token", "canary-of-the-ticket"


def envelope(number: int, *actions: str, user: object = "U1", channel: str = "C1", **changes: Any) -> str:
    """One press as Slack sends it."""
    payload = {
        "type": "block_actions",
        "user": {"id": user, "username": "anna", "team_id": "T1"},
        "channel": {"id": channel, "name": "oil"},
        "actions": [
            {"type": "button", "action_id": each, "action_ts": f"1700000000.{number:06}"} for each in actions
        ],
    }
    sent = {"type": "interactive", "envelope_id": f"e{number}", "payload": payload | changes}
    return json.dumps(sent | {"accepts_response_payload": False})


class FakeSocketMode(Stub):
    """Sends one script a connection, then closes it, but for the last one; keeps what was `confirmed`."""

    def __init__(self, *scripts: Sequence[str], url: str = "") -> None:
        super().__init__()
        self._scripts = list(scripts)
        self.connections = 0
        self.confirmed: list[str] = []
        self.drained = threading.Event()
        """Set once the last press of the last script is confirmed."""
        pressed = [each for each in self._scripts[-1] if '"interactive"' in each] if self._scripts else []
        self._last = json.loads(pressed[-1])["envelope_id"] if pressed else None
        # The client cannot close while it waits for the next frame: pings let it go at once.
        self._websocket = serve(self._talk, "127.0.0.1", 0, ping_interval=0.05, ping_timeout=None)
        port = self._websocket.socket.getsockname()[1]
        self._named = url or f"ws://127.0.0.1:{port}/link?ticket={TICKET}"

    def routes(self, asked: Asked) -> Answer:
        is_ours = asked.headers.get("Authorization") == f"Bearer {APP_TOKEN}"
        assert asked.path == "/apps.connections.open"
        told = {"ok": True, "url": self._named} if is_ours else {"ok": False, "error": "invalid_auth"}
        return Answer(json.dumps(told).encode())

    def _talk(self, connection: ServerConnection) -> None:
        script = self._scripts[self.connections] if self.connections < len(self._scripts) else ()
        self.connections += 1
        is_last = self.connections >= len(self._scripts)
        try:
            connection.send('{"type":"hello","num_connections":1}')
            for each in script:
                connection.send(each)
            self._collect(connection, len(script) if not is_last else None)
        except ConnectionClosed:
            pass

    def _collect(self, connection: ServerConnection, most: int | None) -> None:
        """Note confirmations: as many as were sent, or without an end."""
        while most is None or len(self.confirmed) < most:
            said = json.loads(connection.recv(timeout=30))
            self.confirmed.append(said["envelope_id"])
            if said["envelope_id"] == self._last:
                self.drained.set()

    def __enter__(self) -> Self:
        threading.Thread(target=self._websocket.serve_forever, daemon=True).start()
        return super().__enter__()

    def leave(self) -> None:
        self._websocket.shutdown()
        super().leave()
