"""The job that copies alerts to `impact.deliveries`, at least once; the fold drops what it has already."""

from collections.abc import Sequence
from datetime import UTC, datetime

from msgspec import Raw

from brentwatch.core.domain import is_derived_only, rebase_prices
from brentwatch.message.alert_text import write_alert_text
from brentwatch.stream import Outgoing, Record, find_write_time
from brentwatch.wire.deliveries import AlertRecord, encode_delivery_record
from brentwatch.wire.published import decode_alert, encode_alert


class AlertCopier:
    """`topic` is where the copies go, in full."""

    def __init__(self, topic: str) -> None:
        self._topic = topic

    def handle(self, record: Record) -> Sequence[Outgoing]:
        """The copy of one alert, with the time at which it was published, and without price levels that
        people may not be shown.

        Raises:
            InvalidMessage: if the alert cannot be read.
        """
        document = record.value or b""
        published = decode_alert(document)
        alert = published.alert
        if is_derived_only(alert):
            alert = rebase_prices(alert)
            document = encode_alert(alert, write_alert_text(alert))
        published_at = datetime.fromtimestamp(find_write_time(record) / 1000.0, UTC)
        copy = AlertRecord(alert=Raw(document), published_at=published_at, offset=record.offset)
        key, value = published.thread.encode(), encode_delivery_record(copy)
        return [Outgoing(topic=self._topic, partition=0, key=key, value=value)]
