"""The copy of an alert: its document as it is, its time, and no price level where none may be shown."""

from datetime import UTC, datetime

import pytest
from tests.notify.alerts import ALERT, SETTLEMENT_TEST, alert

from brentwatch.core.domain import DERIVED_ONLY
from brentwatch.message.alert_text import write_alert_text
from brentwatch.notify.copying import AlertCopier
from brentwatch.stream import Partition, Record
from brentwatch.wire.deliveries import AlertRecord, decode_delivery_record
from brentwatch.wire.input_faults import InvalidMessage
from brentwatch.wire.published import decode_alert, encode_alert

WRITTEN = datetime(2019, 9, 16, 15, 30, 2, 117000, tzinfo=UTC)


def copy(document: bytes) -> AlertRecord:
    record = Record(
        partition=Partition("alerts", 0),
        offset=41,
        value=document,
        timestamp=int(WRITTEN.timestamp() * 1000),
        is_append_time=True,
    )
    (copied,) = AlertCopier("deliveries").handle(record)
    assert (copied.topic, copied.partition, copied.key) == ("deliveries", 0, ALERT.alert_id.encode())
    decoded = decode_delivery_record(copied.value or b"")
    assert isinstance(decoded, AlertRecord)
    return decoded


def test_a_copy_has_the_document_byte_for_byte_the_append_time_and_the_offset() -> None:
    document = encode_alert(alert(), write_alert_text(alert()))
    made = copy(document)
    assert bytes(made.alert) == document
    assert (made.published_at, made.offset) == (WRITTEN, 41)


def test_no_price_level_leaves_where_only_what_is_derived_may_be_shown() -> None:
    licensed = alert(flags=(DERIVED_ONLY,))
    document = bytes(copy(encode_alert(licensed, write_alert_text(alert()))).alert)
    for level in ("68.42", "61.25", "7.17"):
        assert level.encode() not in document
    published = decode_alert(document)
    (test,) = published.alert.tests
    assert test.move.previous_close == 100.0
    assert test.p == SETTLEMENT_TEST.p
    assert test.range == SETTLEMENT_TEST.range
    assert published.text == write_alert_text(licensed)


@pytest.mark.parametrize("document", [b"", b"{", b"{}", b"null"])
def test_what_is_no_alert_is_a_dead_letter(document: bytes) -> None:
    with pytest.raises(InvalidMessage):
        copy(document)
