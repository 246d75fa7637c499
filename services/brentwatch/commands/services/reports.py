"""What a supervised service tells the process that started it: its port, and why it failed.

Each report is a line of JSON in a pipe, which the supervisor reads whenever it likes. Logs do not go this
way: they stay on standard error, and survive the supervisor.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from brentwatch.core.errors import BrentwatchError, describe_internal
from brentwatch.web.secrets import hide_credentials

_PORT, _FAILURE = "port", "failure"
_CHUNK_BYTES = 4096
_LONGEST_FAILURE = 2000
"""A pipe takes this much at once, also where nobody reads it."""


class Reporter:
    """The end of the service: writes to a file descriptor, or nowhere where it has none."""

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor

    def report_port(self, port: int) -> None:
        """Say on which port metrics and health are served."""
        self._report({_PORT: port})

    @contextmanager
    def report_failure(self) -> Iterator[None]:
        """Say why the service failed, and let the error pass."""
        try:
            yield
        except BrentwatchError as error:
            self._report({_FAILURE: hide_credentials(str(error))[:_LONGEST_FAILURE]})
            raise
        except Exception as error:
            self._report({_FAILURE: hide_credentials(describe_internal(error))[:_LONGEST_FAILURE]})
            raise

    def _report(self, document: object) -> None:
        if self._descriptor is not None:
            with suppress(OSError):  # the supervisor is gone
                os.write(self._descriptor, json.dumps(document).encode() + b"\n")


class Reports:
    """The end of the supervisor: what one service has reported so far."""

    def __init__(self, descriptor: int) -> None:
        os.set_blocking(descriptor, False)
        self._descriptor = descriptor
        self._unread = b""
        self._port: int | None = None
        self._failure = ""

    def find_port(self) -> int | None:
        """The port of metrics and health, once the service has opened it."""
        self._read()
        return self._port

    def find_failure(self) -> str:
        """Why the service failed, as far as it could say; else empty."""
        self._read()
        return self._failure

    def close(self) -> None:
        """Close the pipe."""
        os.close(self._descriptor)

    def _read(self) -> None:
        with suppress(BlockingIOError):
            while chunk := os.read(self._descriptor, _CHUNK_BYTES):
                self._unread += chunk
        *lines, self._unread = self._unread.split(b"\n")
        for line in lines:
            document = json.loads(line)
            self._port = document.get(_PORT, self._port)
            self._failure = document.get(_FAILURE, self._failure)
