"""Measures the way of canaries: from sending to the moment at which the copying job reads the answer.

Nothing of them is copied: an answer ends here, in the metrics of its instrument.
"""

import time
from collections.abc import Callable, Iterable

from structlog.typing import FilteringBoundLogger

from brentwatch.stream import Record, find_write_time
from brentwatch.telemetry import table
from brentwatch.telemetry.metrics import Metrics
from brentwatch.wire.canaries import check_canary_answer, decode_canary_answer


class CanaryMeter:
    """`instruments` are those of the settings; `now` is the time of day in seconds since 1970."""

    def __init__(
        self,
        instruments: Iterable[str],
        metrics: Metrics,
        log: FilteringBoundLogger,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._newest = dict.fromkeys(instruments, 0.0)
        self._metrics = metrics
        self._log = log
        self._now = now
        self._is_stranger_told = False
        for name in self._newest:
            metrics.declare(table.CANARY_ANSWER, instrument=name)

    def handle(self, record: Record) -> tuple[()]:
        """Measure an answer. One that was read late counts with its true latency.

        Raises:
            InvalidMessage: if it cannot be read, or names a time long after it was written.
        """
        answer = decode_canary_answer(record.value or b"")
        check_canary_answer(answer, find_write_time(record))
        if answer.instrument not in self._newest:
            self._tell_stranger(answer.instrument)
            return ()
        sent_at, instrument = answer.sent_at.timestamp(), answer.instrument
        self._metrics.observe(table.CANARY_ANSWER, max(0.0, self._now() - sent_at), instrument=instrument)
        self._newest[instrument] = max(self._newest[instrument], sent_at)
        self._metrics.set(table.CANARY_NEWEST_ANSWERED, self._newest[instrument], instrument=instrument)
        return ()

    def _tell_stranger(self, instrument: str) -> None:
        """Once: a label may have no value that others choose."""
        if not self._is_stranger_told:
            self._is_stranger_told = True
            self._log.warning("canary answered for an unknown instrument", instrument=instrument)
