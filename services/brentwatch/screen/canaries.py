"""How the screen handles canaries: it forwards them to the timeline, or refuses and counts them.

Any producer of `unrest.events` can send canaries, and the timeline is stored for ever. So their number is
limited, by the broker's clock. A refused canary is not a dead letter, since it needs no action.
"""

from collections import defaultdict, deque

from structlog.typing import FilteringBoundLogger

from brentwatch.core.domain import Canary
from brentwatch.stream import Partition, Record, find_write_time
from brentwatch.telemetry import table
from brentwatch.telemetry.metrics import Metrics
from brentwatch.wire.canaries import decode_canary
from brentwatch.wire.input_faults import DeadLetterReason, InvalidMessage

_MOST, _WITHIN_MS = 15, 600_000.0
"""Canaries of a partition in ten minutes; `canary.every_seconds` = 5 sends ten to each of 12."""

_WRONG_TIME = (DeadLetterReason.FUTURE, DeadLetterReason.CONTRADICTION)


class CanaryGate:
    """Forwards canaries that are on time and within the limit; logs the first refused one of each kind."""

    def __init__(self, metrics: Metrics, log: FilteringBoundLogger) -> None:
        self._metrics = metrics
        self._log = log
        self._newest: defaultdict[Partition, deque[float]] = defaultdict(lambda: deque(maxlen=_MOST))
        self._told: set[str] = set()

    def admit(self, record: Record) -> Canary | None:
        """The canary in a record that is marked as one; None if it is refused."""
        written_at, newest = find_write_time(record), self._newest[record.partition]
        if len(newest) == _MOST and written_at - newest[0] < _WITHIN_MS:
            self._refuse("too_many", record, f"expected at most {_MOST} within ten minutes on a partition")
            return None
        try:
            canary = decode_canary(record.value or b"", written_at)
        except InvalidMessage as error:
            kind = "wrong_time" if error.reason in _WRONG_TIME else "unreadable"
            self._refuse(kind, record, str(error))
            return None
        newest.append(written_at)
        self._metrics.count(table.CANARIES_SCREENED, outcome="forwarded")
        return canary

    def _refuse(self, outcome: str, record: Record, reason: str) -> None:
        self._metrics.count(table.CANARIES_SCREENED, outcome=outcome)
        if outcome not in self._told:
            self._told.add(outcome)
            place = {"partition": str(record.partition), "offset": record.offset}
            self._log.warning(
                "canary refused; further ones of this kind are only counted", reason=reason, **place
            )
