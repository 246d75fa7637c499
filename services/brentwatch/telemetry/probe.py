"""`python -P -m brentwatch.telemetry.probe PORT ...`: exits 0 when what answers is ready; for containers.

A container runs one service or several. A port where nothing answers belongs to a service that runs
elsewhere; where something answers, it must be ready. Both addresses of this machine are asked, of IPv4 and of
IPv6, since telemetry.host may be either.
"""

import errno
import sys
from collections.abc import Iterable
from http.client import HTTPConnection, HTTPException

_SECONDS = 3.0
_HOSTS = ("127.0.0.1", "::1")
_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - it is asked, not bound
_ABSENT = {errno.ECONNREFUSED, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.ENETUNREACH, errno.EHOSTUNREACH}
"""What a connection to an address fails with where nothing listens, or which this machine has not."""


def probe(ports: Iterable[int]) -> str | None:
    """What is wrong, in words; None when every service that answers on this machine is ready."""
    answers = {port: answer for port in ports if (answer := _ask_here(port)) is not None}
    wrong = [f"port {port}: {detail}" for port, (status, detail) in answers.items() if status != 200]
    if not answers:
        return "nothing answers"
    return "; ".join(wrong) or None


def _ask_here(port: int) -> tuple[int, str] | None:
    answers = (ask(host, port) for host in _HOSTS)
    return next((answer for answer in answers if answer is not None), None)


def ask(host: str, port: int) -> tuple[int, str] | None:
    """The status of a service and why: 200 is ready. None where nothing listens.

    `host` is `telemetry.host`: of an address that means every one of a machine, this machine is asked.
    """
    return fetch_page(host, port, "readyz")


def fetch_page(host: str, port: int, path: str) -> tuple[int, str] | None:
    """The status and the text of a page of a service, such as its metrics; None where nothing listens."""
    connection = HTTPConnection(_ANY.get(host, host), port, timeout=_SECONDS)
    try:
        connection.request("GET", f"/{path}")
        answer = connection.getresponse()
        return answer.status, answer.read().decode().strip()
    except (OSError, HTTPException) as error:
        return None if isinstance(error, OSError) and error.errno in _ABSENT else (503, str(error))
    finally:
        connection.close()


def build_url(host: str, port: int, path: str) -> str:
    """The address of a page of a service on this machine, such as its metrics."""
    shown = _ANY.get(host, host)
    return f"http://{f'[{shown}]' if ':' in shown else shown}:{port}/{path}"


if __name__ == "__main__":
    sys.exit(probe(int(port) for port in sys.argv[1:]))
