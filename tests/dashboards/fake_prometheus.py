"""A server on 127.0.0.1 that answers as Prometheus does, with what the test gives it."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable

Series = tuple[dict[str, str], float]


class FakePrometheus(ThreadingHTTPServer):
    """`answer` gives the series of a query, or an error as text; `asked` holds every request."""

    daemon_threads = True

    def __init__(self, answer: Callable[[str], list[Series] | str]) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.answer = answer
        self.asked: list[dict[str, str]] = []
        self.url = f"http://127.0.0.1:{self.server_port}"

    def __enter__(self) -> FakePrometheus:
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class _Answering(BaseHTTPRequestHandler):
    server: FakePrometheus

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        wishes = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.server.asked.append({"path": parts.path} | wishes)
        answer = self.server.answer(wishes["query"])
        if isinstance(answer, str):
            self._send(400, {"status": "error", "errorType": "bad_data", "error": answer})
            return
        over_time = parts.path.endswith("query_range")
        times = [float(wishes[key]) for key in (("start", "end") if over_time else ("time",))]
        points = [[[at, str(value)] for at in times] for _, value in answer]
        named = {"values": points} if over_time else {"value": [each[0] for each in points]}
        ((key, each),) = named.items()
        result = [{"metric": labels, key: value} for (labels, _), value in zip(answer, each, strict=True)]
        kind = "matrix" if over_time else "vector"
        self._send(200, {"status": "success", "data": {"resultType": kind, "result": result}})

    def _send(self, status: int, document: Any) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """The test looks at `asked`."""
