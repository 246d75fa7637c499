"""Structured logs on standard error: JSON for machines, text for a terminal; never a secret."""

from __future__ import annotations

import logging
import re
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO, cast

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, Processor

from brentwatch.web.secrets import HIDDEN, hide_credentials

if TYPE_CHECKING:
    from brentwatch.telemetry.settings import LogFormat, TelemetrySettings

FIRST = ("time", "level", "service", "event")
BRIDGED = "kafka"
_SILENCE_SECONDS = 60.0
_MOST_SILENCES = 1_000
_SECRET = re.compile(r"passw|secret|token|credential|authorization|api_?key|private_?key", re.IGNORECASE)


def make_logger(
    settings: TelemetrySettings, *, service: str, stream: TextIO | None = None
) -> FilteringBoundLogger:
    """The log of one service.

    A line has the keys `time` (UTC), `level`, `service`, `event`, then its own in the order of the alphabet.
    What is named like a secret is hidden. Nothing is configured for the process: the logger is what it is.

    Args:
        settings: level and form.
        service: the value of `service` in every line.
        stream: where to write, by default standard error.
    """
    out = sys.stderr if stream is None else stream
    made = structlog.wrap_logger(
        structlog.WriteLogger(out),  # a line is one write: services may share a pipe
        processors=[*_COMMON, *_choose_renderers(settings.log_format, out)],
        wrapper_class=structlog.make_filtering_bound_logger(settings.log_level),
        service=service,
    )
    # Bound here: wrap_logger gives a proxy that binds again for each line, also for those it leaves out.
    return cast("FilteringBoundLogger", made.bind())


class Bridge(logging.Handler):
    """Hands the records of a library's logger to ours, warnings and worse, the same one once a minute.

    kafka-python asks for a topic that does not exist a dozen times a second, and logs each time.
    """

    def __init__(self, target: FilteringBoundLogger) -> None:
        super().__init__(logging.WARNING)
        self._target = target
        self._silences: dict[str, _Silence] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record of the library, under its logger's name; where nobody reads, it goes on."""
        message = record.getMessage()
        silence = self._silences.get(message)
        if silence and time.monotonic() < silence.end:
            silence.left_out += 1
            return
        if len(self._silences) >= _MOST_SILENCES:
            self._silences.clear()
        self._silences[message] = _Silence(time.monotonic() + _SILENCE_SECONDS)
        more = {"left_out": silence.left_out} if silence and silence.left_out else {}
        with suppress(OSError, ValueError):  # a pipe that is broken, a file that was closed
            self._target.log(record.levelno, message, logger=record.name, **more)


@dataclass(slots=True)
class _Silence:
    """Until `end` of a clock what is too much is left out; `left_out` counts it."""

    end: float
    left_out: int = 0


class Quota:
    """Lets a number of lines of a kind through in a minute, and counts the others; `now` counts seconds."""

    def __init__(self, most: int, now: Callable[[], float]) -> None:
        self._most = most
        self._now = now
        self._silences: dict[str, _Silence] = {}
        self._written: Counter[str] = Counter()

    def admit_line(self, kind: str) -> bool:
        """Whether one more line of a kind is to be written."""
        silence = self._silences.setdefault(kind, _Silence(self._now() + _SILENCE_SECONDS))
        if self._written[kind] < self._most:
            self._written[kind] += 1
            return True
        silence.left_out += 1
        return False

    def take_left_out(self) -> dict[str, int]:
        """How many lines of each kind were left out in a minute that is over; each is returned once."""
        over = [kind for kind, silence in self._silences.items() if self._now() >= silence.end]
        for kind in over:
            del self._written[kind]
        counted = {kind: self._silences.pop(kind).left_out for kind in over}
        return {kind: count for kind, count in counted.items() if count}


def bridge(target: FilteringBoundLogger, name: str = BRIDGED) -> Bridge:
    """Let the library logger `name` speak through `target` and nowhere else.

    Returns:
        The handler, so that it can be taken off again.
    """
    handler = Bridge(target)
    library = logging.getLogger(name)
    library.addHandler(handler)
    library.setLevel(logging.WARNING)
    library.propagate = False
    return handler


def hide_secrets(_: object, __: str, line: EventDict) -> EventDict:
    """Hide the value of every key that is named like a secret, and passwords in addresses, at any depth."""
    return {key: _hide_value(key, value) for key, value in line.items()}


def _hide_value(key: str, value: object) -> object:
    if _SECRET.search(key):
        return HIDDEN
    match value:
        case str():
            return hide_credentials(value)
        case dict():
            return {name: _hide_value(str(name), each) for name, each in value.items()}
        case list() | tuple():
            return [_hide_value(key, each) for each in value]
        case BaseException():
            return hide_credentials(str(value))
    return value


def _order_keys(_: object, __: str, line: EventDict) -> EventDict:
    first = {key: line[key] for key in FIRST if key in line}
    return first | {key: line[key] for key in sorted(line.keys() - first.keys())}


_COMMON: tuple[Processor, ...] = (
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
    structlog.processors.StackInfoRenderer(),
    # Here and not in the renderers: the one for terminals would print the local variables of each frame.
    structlog.processors.format_exc_info,
    hide_secrets,
    _order_keys,
)


def _choose_renderers(log_format: LogFormat, out: TextIO) -> tuple[Processor, ...]:
    if log_format == "text" or (log_format == "auto" and out.isatty()):
        return (_render_text,)
    return (structlog.processors.JSONRenderer(default=str),)


_TRACES = ("exception", "stack", "traceback")
_NAME_WIDTH = 7
"""Characters for the name of a service."""


def _render_text(_: object, __: str, line: EventDict) -> str:
    """One short line for people: time of day, service, level unless info, event, values. Then traces."""
    traces = [str(line.pop(name)) for name in _TRACES if line.get(name)]
    time_of_day, level = str(line.pop("time"))[11:19], str(line.pop("level"))
    service, event = str(line.pop("service", "")), _format_text(line.pop("event"))
    words = [time_of_day, f"{service:<{_NAME_WIDTH}}", "" if level == "info" else f"{level.upper()}:", event]
    values = [f"{key}={_format_value(value)}" for key, value in line.items()]
    return "\n".join([" ".join([*filter(None, words), *values]), *(each.rstrip("\n") for each in traces)])


def _format_text(value: object) -> str:
    """With escapes where a terminal would act on it."""
    text = str(value)
    return text if text.isprintable() else repr(text)


def _format_value(value: object) -> str:
    """The same; in quotes where it has spaces, or nothing in it."""
    text = str(value)
    return repr(text) if not text or set(text) & set(' ="') else _format_text(text)
