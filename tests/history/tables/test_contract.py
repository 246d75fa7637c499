"""Every reader of tables reads the same files alike: right, or refused with what to do."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, NamedTuple

import pytest
from tests.history.tables.variants import ACCEPTED, REFUSED, ROWS, Header

from brentwatch.core.domain import BRENT_SPOT
from brentwatch.core.errors import InvalidInput
from brentwatch.history.event_files import read_study_events
from brentwatch.history.prices import read_prices
from brentwatch.history.series_files import Columns, read_series
from brentwatch.prices.provider import NotNow
from brentwatch.prices.providers.file import FileProvider
from brentwatch.prices.providers.settings import PriceFileSettings, ProviderSettings, SeriesSettings
from brentwatch.wire.input_faults import Faults

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
DAYS = [row.day for row in ROWS]
NUMBERS = [round(row.number, 2) for row in ROWS]


class Read(NamedTuple):
    days: list[date]
    numbers: list[float] | None
    refused: tuple[str, ...] = ()


def series(data: bytes, _: Path) -> Read:
    read = read_series("file", data, Columns())
    return Read(list(read.sessions), list(read.values))


def history(data: bytes, _: Path) -> Read:
    faults = Faults()
    read = read_prices(data, BRENT_SPOT, NOW, faults)
    if faults:
        raise faults.build_error()
    return Read([each.bar.session for each in read.prints], [each.bar.close for each in read.prints])


def provider(data: bytes, folder: Path) -> Read:
    (folder / "prices").write_bytes(data)
    file = PriceFileSettings(path=str(folder / "prices"))
    reader = FileProvider(
        BRENT_SPOT.series, ProviderSettings(series={"brent-spot": SeriesSettings(file=file)})
    )
    quotes = reader.fetch(date(2024, 1, 1), NOW)
    return Read([quote.session for quote in quotes], [quote.close for quote in quotes])


def events(data: bytes, _: Path) -> Read:
    read = read_study_events("file", data)
    days = [each.known for each in read.events]
    assert not any(isinstance(day, datetime) for day in days)
    return Read(days, None, read.unreadable)


READERS: dict[str, tuple[Callable[[bytes, Path], Read], Header]] = {
    "study and calibrate": (series, ("date", "usd_per_bbl", "note")),
    "study and calibrate, as others name columns": (series, ("Date", "Close", "Volume")),
    "history": (history, ("date", "usd_per_bbl", "note")),
    "price provider": (provider, ("date", "usd_per_bbl", "note")),
    "study events": (events, ("date", "size", "event_id")),
    "study events, as others name columns": (events, ("Date", "Size", "Event")),
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("variant", ACCEPTED)
def test_what_can_be_read_one_way_alone_is_read_so(reader: str, variant: str, tmp_path: Path) -> None:
    read, header = READERS[reader]
    found = read(ACCEPTED[variant](header), tmp_path)

    assert found.refused == ()
    assert found.days == DAYS
    if found.numbers is not None:
        assert found.numbers == pytest.approx(NUMBERS, abs=1e-9)


ABOUT_NUMBERS = ("a number", "infinity", "two decimal", "perhaps", "two numbers")


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("variant", REFUSED)
def test_what_could_be_read_wrong_is_refused_with_what_to_do(
    reader: str, variant: str, tmp_path: Path
) -> None:
    read, header = READERS[reader]
    data = REFUSED[variant](header)
    try:
        found = read(data, tmp_path)
    except InvalidInput as error:
        told = error.faults
    except NotNow:  # an empty file may be in writing
        assert variant == "nothing"
        return
    else:
        assert found.numbers is None
        if variant.startswith(ABOUT_NUMBERS):
            return  # no event has a number
        told = found.refused
    assert told
    assert all(";" in fault and "expected" in fault for fault in told), told


def test_many_rows_with_one_fault_are_one_sentence() -> None:
    rows = "".join(f"{at % 12 + 1:02}/{at % 12 + 1:02}/24,{60 + at}\n" for at in range(6_505))
    with pytest.raises(InvalidInput) as error:
        read_series("p.csv", f"date,usd_per_bbl\n{rows}".encode(), Columns())

    assert len(error.value.faults) == 1
    assert "6,505 rows have this fault" in error.value.faults[0]
