"""`brentwatch feed` says beforehand when the services will open no alerts of the history."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from brentwatch import cli
from brentwatch.commands import feeding
from brentwatch.core.domain import Canary, PriceUpdate, Signal
from brentwatch.stream import KafkaSettings, Partition, Record
from brentwatch.wire.timeline import encode_signal

NOBODY = ("--set", "kafka.bootstrap=127.0.0.1:1", "--set", "kafka.request_timeout_seconds=0.5")
HINT = "--set instruments.brent-spot.alerts=true"


@pytest.mark.parametrize(("words", "is_said"), [((), True), (HINT.split(), False)], ids=["default", "set"])
def test_an_instrument_that_opens_no_alerts_is_named(
    words: tuple[str, ...], is_said: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["feed", "vorukh-2021", "--prefix", "demo.", *NOBODY, *words]) == 6
    said = f"opens no alerts with these settings; for alerts, run the services and feed with {HINT}"
    assert (said in capsys.readouterr().err) is is_said


def test_canaries_do_not_make_a_timeline_later_than_a_history(monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = datetime(2011, 2, 1, 16, 30, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC)
    price = PriceUpdate(series="brent-spot", bars=(), complete_through=old, known_at=old, warmup=False)
    signals: list[Signal] = [price, Canary(canary_id="canary:1", known_at=new)]
    place = Partition("demo.impact.timeline", 0)
    records = [Record(partition=place, offset=0, value=encode_signal(each)) for each in signals]
    monkeypatch.setattr(feeding, "read_partition", lambda *_: records)

    assert feeding._find_newest(KafkaSettings(), place) == old
    records.pop(0)
    assert feeding._find_newest(KafkaSettings(), place) is None
