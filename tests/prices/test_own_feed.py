"""The example that sends a desk's own bars writes what the timeline takes; Kafka is a module that prints."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

from brentwatch.core.domain import Bar, PriceUpdate
from brentwatch.settings.load import load
from brentwatch.settings.origins import Sources
from brentwatch.wire.timeline import decode_signal

ROOT = Path(__file__).parents[2]
PRINTER = """
class KafkaProducer:
    def __init__(self, bootstrap_servers):
        assert bootstrap_servers == "broker:9092"

    def send(self, topic, key, value, partition):
        assert (topic, key, partition) == ("demo.impact.timeline", b"brent-front-5m", 1)
        print(value.decode())

    def flush(self):
        print("flushed")
"""
BARS = """\
2024-01-07T23:00:00Z,76.0,76.1,120,BZH2024
2024-01-08T14:25:00-05:00,76.2,76.3,4100,BZH2024
"""
ENVIRONMENT = {"BRENTWATCH_KAFKA__BOOTSTRAP": "broker:9092", "BRENTWATCH_KAFKA__TOPIC_PREFIX": "demo."}


def send(folder: Path, *options: str) -> list[str]:
    """What the example hands to Kafka, record by record."""
    (folder / "kafka.py").write_text(PRINTER)
    command = [sys.executable, str(ROOT / "examples" / "send_bars.py"), "brent-front-5m", "1", *options]
    done = subprocess.run(
        command,
        input=BARS,
        env=ENVIRONMENT | {"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    *records, last = done.stdout.splitlines()
    assert last == "flushed"
    return records


def test_each_bar_is_a_record_of_the_timeline_and_names_its_session_and_contract(tmp_path: Path) -> None:
    signals = [decode_signal(record.encode()) for record in send(tmp_path, "--past")]
    updates = [each for each in signals if isinstance(each, PriceUpdate)]
    sunday, settlement = (bar for update in updates for bar in update.bars)

    assert sunday == Bar(
        session=date(2024, 1, 8),
        opens_at=datetime(2024, 1, 7, 23, tzinfo=UTC),
        closes_at=datetime(2024, 1, 7, 23, 5, tzinfo=UTC),
        open=76.0,
        close=76.1,
        volume=120,
        interval="5m",
        contract="BZH2024",
    )
    assert settlement.closes_at == datetime(2024, 1, 8, 19, 30, tzinfo=UTC)
    assert {(each.series, each.warmup) for each in updates} == {("brent-front-5m", True)}
    assert [each.known_at for each in updates] == [each.complete_through for each in updates]


def test_a_live_bar_is_known_when_it_is_sent(tmp_path: Path) -> None:
    before = datetime.now(UTC)
    (first, _) = (decode_signal(record.encode()) for record in send(tmp_path))

    assert isinstance(first, PriceUpdate)
    assert before <= first.known_at <= datetime.now(UTC)
    assert not first.warmup


def test_the_page_of_prices_quotes_the_example() -> None:
    page = (ROOT / "docs" / "prices.md").read_text(encoding="utf-8")
    (quoted,) = re.findall(r"^```py\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL)
    assert quoted in (ROOT / "examples" / "send_bars.py").read_text(encoding="utf-8")
    assert len(quoted.splitlines()) <= 13


def test_the_settings_on_the_page_of_prices_are_settings(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "prices.md").read_text(encoding="utf-8")
    for number, block in enumerate(re.findall(r"^```toml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)):
        path = tmp_path / f"{number}.toml"
        path.write_text(block, encoding="utf-8")
        settings = load(Sources(file=str(path)), {}).settings
        assert any(each.alerts for each in settings.list_instruments())
