"""Whatever a source answers, its feed costs itself alone: others go on, and what is written can be read."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from os import environ
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from msgspec.structs import replace as changed
from tests.fuzz.mutating import mutated
from tests.ingest.desk import Desk, Fake
from tests.ingest.feeds.acled_stub import PASSWORD, UPLOADED, USER, AcledStub
from tests.ingest.feeds.acled_stub import row as acled_row
from tests.ingest.feeds.contract import NOW
from tests.ingest.feeds.gdelt_stub import FIRST, GdeltStub, mention, row, zipped
from tests.ingest.feeds.ucdp_stub import TOKEN, UcdpStub
from tests.ingest.feeds.ucdp_stub import row as ucdp_row
from tests.screen.messages import message

from brentwatch.ingest.feeds import acled, file, gdelt, ucdp
from brentwatch.ingest.feeds.deliveries import FeedDelivery
from brentwatch.ingest.feeds.settings import AcledSettings, FileFeedSettings, GdeltSettings, UcdpSettings
from brentwatch.telemetry import table
from brentwatch.wire.cloudevents import decode_message
from brentwatch.wire.unrest_event import decode_event

if TYPE_CHECKING:
    from pathlib import Path

    from tests.web.stub import Answer, Asked, Stub

    from brentwatch.ingest.feeds.deliveries import Feed

ROUNDS = 2_000 if environ.get("BRENTWATCH_LONG") else 120
NEXT = FIRST + timedelta(minutes=15)


class Source(NamedTuple):
    """A stub with something to tell, and the feed that asks it."""

    stub: Callable[[], Stub]
    feed: Callable[[str], Feed]


def gdelt_stub() -> GdeltStub:
    stub = GdeltStub()
    for at, number in ((FIRST, 100), (NEXT, 200)):
        lines = [row(number, added=at), row(number + 1, added=at, code="145", country="LY")]
        stub.add(at, lines, [mention(100, FIRST, at)])
    return stub


def acled_stub() -> AcledStub:
    stub = AcledStub()
    stub.rows = [acled_row(number, timestamp=str(UPLOADED + number)) for number in range(1, 5)]
    stub.deleted = [("NIG1", UPLOADED + 50)]
    return stub


def ucdp_stub() -> UcdpStub:
    stub = UcdpStub()
    stub.releases = {"24.0.3": [ucdp_row(number) for number in range(1, 5)]}
    return stub


SOURCES = {
    "gdelt": Source(
        gdelt_stub,
        lambda url: gdelt.open_feed(
            GdeltSettings.model_validate({"url": f"{url}/gdeltv2", "since": "2024-05-07"})
        ),
    ),
    "acled": Source(
        acled_stub,
        lambda url: acled.open_feed(
            AcledSettings.model_validate(
                {"url": url, "username": USER, "password": PASSWORD, "page_rows": 2, "since": "2024-05-01"}
            )
        ),
    ),
    "ucdp": Source(
        ucdp_stub,
        lambda url: ucdp.open_feed(
            UcdpSettings.model_validate(
                {"url": f"{url}/api", "token": TOKEN, "released": {"24.0.3": "2024-05-06"}, "page_rows": 2}
            )
        ),
    ),
}  # fmt: skip


class Liar:
    """Changes answers of a stub, half of them, the same for the same dice; zip files within, too."""

    def __init__(self, stub: Any, dice: random.Random) -> None:
        self._routes = stub.routes
        self._stub, self._dice = stub, dice
        self.is_over = False
        stub.routes = self.routes

    def routes(self, asked: Asked) -> Answer:
        answer: Answer = self._routes(asked)
        if self.is_over or self._dice.random() < 0.5:
            return answer
        headers = {}
        status = answer.status if self._dice.random() < 0.8 else self._dice.choice([204, 206, 400, 429, 500])
        if self._dice.random() < 0.2:
            headers["Retry-After"] = self._dice.choice(ABSURD_WAITS)
        return replace(answer, body=mutated(answer.body, self._dice), status=status, headers=headers)


ABSURD_WAITS = (
    "9" * 400, "1e400", "NaN", "-1", "Mon, 1 Jan 99999999999999 00:00:00 GMT",
    "Fri, 31 Dec 9999 23:59:59 -2359", "Mon, 01 Jan 0001 00:00:00 +9999",
    "Mon, 01 Jan 2024 00:00:00 +99999999999999", ",", "1 2 3 4 5 6", ":" * 3_000,
)  # fmt: skip


def lying_rows(stub: GdeltStub, dice: random.Random) -> None:
    """Rows of GDELT that are changed and packed well, so that sums and archives fit."""
    for name, number in (("20240507120000.export.CSV", 100), ("20240507121500.export.CSV", 200)):
        added = FIRST if number == 100 else NEXT
        lines = [row(number + at, added=added, code=f"14{at}") for at in range(4)]
        told = mutated("\n".join(lines).encode(), dice).decode("utf-8", "replace")
        stub.files[f"{name}.zip"] = zipped(name, told.split("\n"))


@pytest.mark.attack
@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.slow
def test_a_feed_with_mutated_answers_never_holds_up_another_and_is_well_afterwards(name: str) -> None:
    dice = random.Random(name)  # noqa: S311 - the same each time is what is wanted
    for number in range(ROUNDS):
        source = SOURCES[name]
        with source.stub() as stub:
            liar = Liar(stub, dice)
            if isinstance(stub, GdeltStub) and number % 2:
                lying_rows(stub, dice)
                liar.is_over = True
            other = Fake()
            other.next = [FeedDelivery((decode_event(message(event_id="other:1")),))]
            desk = Desk(now=NOW, **{name: source.feed(stub.url), "file": other})
            desk.turns.turn()
            assert other.gone_on == 1
            assert [key for key in desk.written() if key[0] == "other:1"] == [("other:1", 0)]
            written = [decode_message(out.value, out.headers) for part in desk.sent for out in part]
            assert all(document.known_at is not None for document in written)
            assert desk.counted(table.FEED_FAILURES, reason="internal") in (0, 1)
            assert "Traceback" not in desk.log_lines, desk.log_lines
            assert desk.turns.turn() <= 24 * 3600
            liar.is_over = True
            desk.after(24 * 3600)
            assert desk.counted(table.FEED_LAST_SUCCESS) == desk.now.timestamp(), desk.log_lines


@pytest.mark.attack
@pytest.mark.parametrize("name", ["e.csv", "e.jsonl"])
@pytest.mark.slow
def test_a_folder_with_a_mutated_file_never_holds_up_another_feed(name: str, tmp_path: Path) -> None:
    from tests.fuzz.around import EVENTS_CSV, JSONL

    dice = random.Random(name)  # noqa: S311 - as above
    for _ in range(ROUNDS):
        (tmp_path / name).write_bytes(mutated(dice.choice(EVENTS_CSV if name == "e.csv" else JSONL), dice))
        other = Fake()
        other.next = [FeedDelivery((decode_event(message(event_id="other:1")),))]
        settings = FileFeedSettings.model_validate({"path": tmp_path, "mapping": {"known_at": "known_at"}})
        feed = file.open_feed(settings)
        desk = Desk(now=NOW + timedelta(days=365), file=feed, gdelt=other)
        desk.turns.turn()
        assert ("other:1", 0) in desk.written()
        assert "Traceback" not in desk.log_lines, desk.log_lines


@pytest.mark.attack
@pytest.mark.parametrize(
    "change",
    [{"country": "kaz"}, {"event_id": ""}, {"revision": -1}, {"revision": 2**63}, {"summary": "x" * 10_000}],
)
def test_an_event_that_no_reader_would_take_is_not_written(change: dict[str, Any]) -> None:
    """Of whatever feed: the same decoder looks at it that looks at every record of the topic."""
    good = decode_event(message(event_id="desk:1"))
    desk = Desk()
    desk.feed.next = [FeedDelivery((changed(good, **change), changed(good, event_id="desk:2")))]
    desk.turns.turn()
    assert desk.written() == [("desk:2", 0)]
    assert desk.counted(table.REPORTS_LEFT_OUT, reason="unreadable") == 1
    assert desk.counted(table.EVENTS_INGESTED, status="new") == 1
    assert "left out" in desk.log_lines
