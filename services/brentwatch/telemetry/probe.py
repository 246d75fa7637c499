"""`python -m brentwatch.telemetry.probe PORT ...`: exits 0 when what answers there is ready; for containers.

A container runs one service or several. A port where nothing answers belongs to a service that runs
elsewhere; where something answers, it must be ready.
"""

from __future__ import annotations

import sys
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_SECONDS = 3.0


def probe(ports: Iterable[int]) -> str | None:
    """What is wrong, in words; None when every service that answers on this machine is ready."""
    answers = {port: answer for port in ports if (answer := _ask(port)) is not None}
    wrong = [f"port {port}: {detail}" for port, (status, detail) in answers.items() if status != 200]
    if not answers:
        return "nothing answers"
    return "; ".join(wrong) or None


def _ask(port: int) -> tuple[int, str] | None:
    connection = HTTPConnection("127.0.0.1", port, timeout=_SECONDS)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        return answer.status, answer.read().decode().strip()
    except ConnectionRefusedError:
        return None
    except (OSError, HTTPException) as error:
        return 503, str(error)
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(probe(int(port) for port in sys.argv[1:]))
