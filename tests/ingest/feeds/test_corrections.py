"""A corrected row without an id is a revision of its event, also after a restart; a new row is not."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from tests.ingest.feeds.contract import NOW, events, keys

from brentwatch.core.domain import Status
from brentwatch.ingest.feeds.file import WatchedFiles, open_feed
from brentwatch.ingest.feeds.settings import FileFeedSettings
from brentwatch.wire.unrest_event import decode_event, encode_event

if TYPE_CHECKING:
    from pathlib import Path

    from brentwatch.wire.event_document import UnrestEventDocument

HEADER = "date,country,place,event_class,fatalities,summary"
WARRI = "2024-05-06,NGA,Warri,strike,3,Oil workers walk out"
LAGOS = "2024-05-06,NGA,Lagos,strike,,Bus drivers walk out"
BASRA = "2024-05-06,IRQ,Basra,protest,1,March to the port"


class Desk:
    """A folder that a desk keeps, the feed that watches it, and the topic that it writes to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.topic: list[UnrestEventDocument] = []
        self.feed = self.open()
        self._clock = 1_700_000_000

    def open(self) -> WatchedFiles:
        return open_feed(FileFeedSettings.model_validate({"path": self.folder}))

    def restart(self) -> None:
        """A new process, which reads back the topic."""
        self.feed = self.open()
        for document in self.topic:
            self.feed.recall(document)

    def save(self, *rows: str, name: str = "sheet.csv", header: str = HEADER) -> list[UnrestEventDocument]:
        """Save the sheet; gives what is written of it."""
        path = self.folder / name
        path.write_text("\n".join((header, *rows)) + "\n")
        self._clock += 1
        os.utime(path, (self._clock, self._clock))  # saved later than before, whatever the disk's clock
        return self.look()

    def look(self) -> list[UnrestEventDocument]:
        written = [decode_event(encode_event(each)) for each in events(self.feed)]
        self.topic += written
        return written


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture(params=["the same process", "after a restart"])
def go_on(request: pytest.FixtureRequest, desk: Desk) -> Desk:
    """A desk whose sheet was read."""
    desk.save(WARRI, LAGOS, BASRA)
    if request.param == "after a restart":
        desk.restart()
    return desk


@pytest.mark.parametrize(
    "corrected",
    [
        "2024-05-06,NGA,Warri,strike,5,Oil workers walk out",
        "2024-05-06,NGA,Warri,strike,,Oil workers walk out",
        "2024-05-06,NGA,Warri,strike,3,Oil workers of one terminal walk out",
        "2024-05-06,NGA,Warri,strike,4,Dockers walk out",
        "2024-05-06,NGA,Warri,protest,3,Oil workers walk out",
        "2024-05-06,NGA,Escravos,strike,3,Oil workers walk out",
        "2024-05-06,Gabon,Warri,strike,3,Oil workers walk out",
    ],
)
def test_a_corrected_row_is_a_revision_of_its_event(go_on: Desk, corrected: str) -> None:
    first = go_on.topic[0]
    (event,) = go_on.save(corrected, LAGOS, BASRA)
    assert (event.event_id, event.revision, event.status) == (first.event_id, 1, Status.UPDATE)
    assert event.known_at == first.known_at
    (again,) = go_on.save("2024-05-06,NGA,Warri,strike,9,Oil workers walk out", LAGOS, BASRA)
    assert (again.event_id, again.revision) == (first.event_id, 2)


def test_a_corrected_row_that_stands_twice_is_one_revision(go_on: Desk) -> None:
    corrected = WARRI.replace("Oil workers", "Dockers")
    (event,) = go_on.save(corrected, LAGOS, BASRA, corrected)
    assert (event.event_id, event.revision) == (go_on.topic[0].event_id, 1)


def test_what_has_not_changed_is_not_written_again(go_on: Desk) -> None:
    assert go_on.save(WARRI, LAGOS, BASRA) == []
    go_on.save("2024-05-06,NGA,Warri,strike,5,Dockers walk out", LAGOS, BASRA)
    assert go_on.save(LAGOS, BASRA, "2024-05-06,NGA,Warri,strike,5,Dockers walk out") == []
    go_on.restart()
    assert go_on.look() == []


@pytest.mark.parametrize(
    "added",
    [
        "2024-05-06,NGA,Warri,strike,,A second walk-out at the refinery",
        "2024-05-06,NGA,Warri,riot,,Shops are looted",
        "2024-05-07,NGA,Warri,strike,3,Oil workers walk out",
        "2024-05-06,NGA,Port Harcourt,strike,3,Oil workers walk out",
        "2024-05-06,GHA,,strike,,",
    ],
)
@pytest.mark.parametrize("first", [True, False], ids=["above", "below"])
def test_a_row_that_is_added_is_an_event_of_its_own(go_on: Desk, added: str, first: bool) -> None:
    rows = (added, WARRI, LAGOS, BASRA) if first else (WARRI, LAGOS, BASRA, added)
    (event,) = go_on.save(*rows)
    assert event.revision == 0
    assert event.event_id not in {each.event_id for each in go_on.topic[:-1]}


def test_rows_that_are_removed_retract_nothing_and_come_again_unchanged(go_on: Desk) -> None:
    assert go_on.save(BASRA) == []
    assert go_on.save(WARRI, LAGOS, BASRA) == []


def test_a_row_of_another_day_is_no_correction_of_one_that_was_removed(go_on: Desk) -> None:
    (event,) = go_on.save(BASRA, "2024-05-07,NGA,Warri,strike,3,Oil workers walk out")
    assert event.revision == 0


def test_a_row_that_could_correct_either_of_two_events_corrects_none(desk: Desk) -> None:
    desk.save(WARRI, WARRI.replace("Warri", "Escravos"), BASRA)
    (event,) = desk.save(WARRI.replace("Warri", "Port Harcourt"), BASRA)
    assert event.revision == 0
    assert event.event_id not in {each.event_id for each in desk.topic[:-1]}


def test_a_row_without_an_id_is_no_correction_of_an_event_that_a_desk_named(desk: Desk) -> None:
    header = f"event_id,{HEADER}"
    desk.save(f"desk:1,{WARRI}", header=header)
    (event,) = desk.save(f",{WARRI.replace('Oil workers', 'Dockers')}", header=header)
    assert (event.event_id == "desk:1", event.revision) == (False, 0)


def test_revisions_that_come_back_in_any_order_are_gone_on_from_the_newest(desk: Desk) -> None:
    """A corrected country puts the revisions into two partitions."""
    desk.save(WARRI)
    desk.save(WARRI.replace("NGA", "GAB"))
    desk.topic.reverse()
    desk.restart()

    assert desk.look() == []
    assert [key[1] for key in keys(desk.save(WARRI.replace("NGA", "GAB").replace("3", "4")))] == [2]


def test_two_corrections_at_once_keep_each_its_event(go_on: Desk) -> None:
    ids = [each.event_id for each in go_on.topic]
    written = go_on.save(
        BASRA.replace("port", "gate"), LAGOS.replace("Bus", "Tram"), WARRI.replace("walk", "all walk")
    )
    assert keys(written) == [(ids[2], 1), (ids[1], 1), (ids[0], 1)]


def test_a_correction_that_is_taken_back_is_followed(desk: Desk) -> None:
    desk.save(WARRI)
    desk.save(WARRI.replace(",3,", ",5,"))
    (event,) = desk.save(WARRI)
    assert event.revision == 2
    assert event.fatalities is not None
    assert event.fatalities.best == 3


def test_a_row_with_the_status_retract_takes_its_event_back(go_on: Desk) -> None:
    header = f"status,{HEADER}"
    rows = [f",{WARRI}", f",{LAGOS}", f",{BASRA}", f"retract,{WARRI}"]
    (event,) = go_on.save(*rows, header=header)
    assert (event.event_id, event.revision, event.status) == (go_on.topic[0].event_id, 1, Status.RETRACT)
    go_on.restart()
    assert go_on.look() == []


def test_a_row_in_two_files_is_one_event_and_two_that_disagree_do_not_revise_it_for_ever(desk: Desk) -> None:
    desk.save(WARRI, name="monday.csv")
    assert desk.save(WARRI, BASRA, name="tuesday.csv")[0].country == "IRQ"
    (event,) = desk.save(WARRI.replace(",3,", ",5,"), BASRA, name="wednesday.csv")
    assert event.revision == 1
    for _ in range(3):
        desk.restart()
        assert desk.look() == []


def test_a_row_of_another_file_is_no_correction_while_the_first_is_there(desk: Desk) -> None:
    desk.save(WARRI, name="monday.csv")
    (event,) = desk.save(WARRI.replace("Oil workers", "Nurses"), name="tuesday.csv")
    assert event.revision == 0


def test_of_one_event_twice_in_a_file_the_last_row_counts(desk: Desk) -> None:
    (event,) = desk.save(WARRI, WARRI.replace(",3,", ",5,"))
    assert event.fatalities is not None
    assert event.fatalities.best == 5
    assert desk.save(WARRI, WARRI.replace(",3,", ",5,"), BASRA)[0].country == "IRQ"
    desk.restart()
    assert desk.look() == []


def test_events_of_a_day_without_place_and_summary_are_told_apart_by_their_coordinates(desk: Desk) -> None:
    header = "date,country,event_class,lat,lon"
    rows = ("2024-05-06,NGA,protest,6.5,3.4", "2024-05-06,NGA,protest,9.1,7.5")
    assert len(set(keys(desk.save(*rows, header=header)))) == 2


def test_an_id_without_a_revision_is_revised_when_its_row_changes(desk: Desk) -> None:
    header = f"event_id,{HEADER}"
    desk.save(f"desk:1,{WARRI}", header=header)
    (event,) = desk.save("desk:1,2024-05-05,GAB,Port-Gentil,riot,9,All of it was wrong", header=header)
    assert (event.event_id, event.revision, event.country) == ("desk:1", 1, "GAB")
    assert f"{event.known_at:%m-%d}" == "05-05"
    desk.restart()
    assert desk.look() == []


def test_a_revision_that_is_given_is_taken_as_it_is(desk: Desk) -> None:
    header = f"event_id,revision,{HEADER}"
    desk.save(f"desk:1,4,{WARRI}", header=header)
    assert desk.save(f"desk:1,4,{BASRA}", header=header) == []
    assert keys(desk.save(f"desk:1,7,{BASRA}", header=header)) == [("desk:1", 7)]


def test_an_event_that_was_dated_at_the_end_of_its_day_keeps_its_time(desk: Desk) -> None:
    """Earlier versions took a bare date as known at 23:59:59."""
    (event,) = desk.save(WARRI)
    late = event.known_at.replace(hour=23, minute=59, second=59)
    held = replace(event, known_at=late)
    desk.topic = [held]
    desk.restart()
    assert desk.look() == []
    (revised,) = desk.save(WARRI.replace(",3,", ",5,"))
    assert (revised.event_id, revised.revision, revised.known_at) == (event.event_id, 1, late)


def test_the_id_of_a_row_is_the_same_as_in_earlier_versions(desk: Desk) -> None:
    (event,) = desk.save(WARRI)
    assert event.event_id == "file:a1792a519cb31051fb2014ef"


def test_old_events_are_no_news_and_their_corrections_are(desk: Desk) -> None:
    header = f"known_at,{HEADER}"
    old = WARRI.replace("2024-05-06", "2023-05-06")
    assert desk.save(f"2024-05-06,{old}", header=header) == []
    desk.topic = [
        decode_event(encode_event(each))
        for each in events(open_feed(FileFeedSettings(path=desk.folder, oldest_days=9999)), NOW)
    ]
    desk.restart()
    (event,) = desk.save(f"2024-05-06,{old.replace(',3,', ',5,')}", header=header)
    assert event.revision == 1
