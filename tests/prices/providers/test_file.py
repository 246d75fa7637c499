"""`file` keeps the contract of providers, with CSV and with Parquet."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pandas
import pytest
from tests.prices.contract import ProviderContract
from tests.prices.markets import MONDAY, NOW, SPOT, WEEK

from brentwatch.core.errors import InvalidInput, SettingsError, Unavailable
from brentwatch.history.tables import DayOrder
from brentwatch.prices.provider import LARGEST_BYTES, MOST_ROWS
from brentwatch.prices.providers.file import FileProvider
from brentwatch.prices.providers.settings import PriceFileSettings, ProviderSettings, SeriesSettings

if TYPE_CHECKING:
    from pathlib import Path

    from brentwatch.core.domain import Series
    from brentwatch.prices.provider import RowsRejected


def settings(path: Path) -> ProviderSettings:
    return ProviderSettings(series={"brent-spot": SeriesSettings(file=PriceFileSettings(path=str(path)))})


class TestCsv(ProviderContract):
    series = SPOT

    @pytest.fixture(autouse=True)
    def _a_file(self, tmp_path: Path) -> None:
        self.path = tmp_path / "prices.csv"
        self.provider = FileProvider(SPOT, settings(self.path))

    def makes(self, series: Series) -> FileProvider:
        return FileProvider(series, settings(self.path))

    def gives(self, prices: dict[date, float]) -> None:
        rows = "".join(f"{day},{price}\n" for day, price in prices.items())
        self.path.write_text("date,usd_per_bbl\n" + rows)

    def gives_nonsense(self) -> None:
        self.path.write_text("date,usd_per_bbl\n2024-01-08,nan\n")

    @pytest.mark.attack
    def test_more_rows_than_are_taken_and_more_bytes_are_refused(self) -> None:
        self.gives({MONDAY - timedelta(days=day): 76.0 for day in range(MOST_ROWS + 1)})
        with pytest.raises(InvalidInput, match="20,001 rows; expected at most 20,000"):
            self.provider.fetch(MONDAY, NOW)
        self.path.write_bytes(b"x" * (LARGEST_BYTES + 1))
        with pytest.raises(InvalidInput, match="more than 16,777,216 bytes"):
            self.provider.fetch(MONDAY, NOW)

    def test_a_file_that_is_not_there_may_come(self) -> None:
        with pytest.raises(Unavailable, match="cannot be read"):
            self.provider.fetch(MONDAY, NOW)

    def test_rows_on_weekends_are_no_sessions(self) -> None:
        days = [MONDAY - timedelta(days=back) for back in (3, 2, 1, 0)]
        self.gives(dict(zip(days, (75.0, 75.0, 61.5, 76.0), strict=True)))
        rejected: list[RowsRejected] = []
        quotes = self.provider.fetch(days[0], NOW, rejected.append)
        assert [(each.session, each.close) for each in quotes] == [(days[0], 75.0), (MONDAY, 76.0)]
        assert [(each.reason, each.count) for each in rejected] == [("no_session", 2)]
        assert "prices.csv: 2 rows are left out" in rejected[0].told
        rejected.clear()
        self.provider.fetch(MONDAY, NOW, rejected.append)
        assert rejected == []

    def test_a_row_that_cannot_be_read_is_told(self) -> None:
        self.path.write_text("date,usd_per_bbl\n2024-01-08,cheap\n")
        with pytest.raises(InvalidInput, match=r"row 2 of prices\.csv"):
            self.provider.fetch(MONDAY, NOW)

    def test_the_order_of_day_and_month_is_a_setting(self) -> None:
        self.path.write_text("date,usd_per_bbl\n08/01/2024,76.5\n")
        with pytest.raises(InvalidInput, match=r"prices\.series\.brent-spot\.file\.day_order"):
            self.provider.fetch(MONDAY, NOW)

        own = PriceFileSettings(path=str(self.path), day_order=DayOrder.DAY_FIRST)
        provider = FileProvider(SPOT, ProviderSettings(series={"brent-spot": SeriesSettings(file=own)}))
        (quote,) = provider.fetch(MONDAY, NOW)
        assert quote.session == MONDAY

    def test_without_a_path_there_is_no_such_provider(self) -> None:
        with pytest.raises(SettingsError, match=r"prices\.series\.brent-spot\.file\.path"):
            FileProvider(SPOT, ProviderSettings())

    def test_daily_prices_are_no_bars_of_five_minutes(self) -> None:
        with pytest.raises(SettingsError, match="which has daily prices; expected bars of 5m"):
            FileProvider(replace(SPOT, interval="5m"), settings(self.path))


@pytest.mark.attack
def test_a_link_or_a_pipe_in_its_place_is_not_read_and_nothing_waits(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.symlink_to("/etc/passwd")
    with pytest.raises(Unavailable, match="cannot be read: it is a symbolic link, not a regular file"):
        FileProvider(SPOT, settings(path)).fetch(MONDAY, NOW)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(Unavailable, match="cannot be read: it is a pipe, not a regular file"):
        FileProvider(SPOT, settings(path)).fetch(MONDAY, NOW)


@pytest.mark.attack
@pytest.mark.parametrize(
    "text",
    [
        "root:hunter2:0:0\n",
        "hunter2,hunter2\nhunter2,hunter2\n",
        "date,usd_per_bbl\nhunter2,1\n2024-01-08,hunter2\n",
        "date,usd_per_bbl\n2024-01-08,76.5,hunter2\n",
        "hunter2,hunter2 2\n2024-01-08,76.5\n",
        'date,usd_per_bbl\n"hunter2,1\n',
    ],
)
def test_nothing_of_what_is_refused_is_quoted(tmp_path: Path, text: str) -> None:
    path = tmp_path / "prices.csv"
    path.write_text(text)
    with pytest.raises(InvalidInput) as caught:
        FileProvider(SPOT, settings(path)).fetch(MONDAY, NOW)
    assert "hunter2" not in str(caught.value)


@pytest.mark.usefixtures("without_pyarrow")
def test_without_pyarrow_parquet_is_refused_with_what_to_install(tmp_path: Path) -> None:
    path = tmp_path / "prices.parquet"
    path.write_bytes(b"PAR1")

    with pytest.raises(InvalidInput, match=r'run pip install "brentwatch\[parquet\]"'):
        FileProvider(SPOT, settings(path)).fetch(MONDAY, NOW)


class TestParquet(ProviderContract):
    series = SPOT

    @pytest.fixture(autouse=True)
    def _a_file(self, tmp_path: Path) -> None:
        self.path = tmp_path / "prices.parquet"
        self.provider = FileProvider(SPOT, settings(self.path))

    def makes(self, series: Series) -> FileProvider:
        return FileProvider(series, settings(self.path))

    def gives(self, prices: dict[date, float]) -> None:
        days = pandas.Series([str(day) for day in prices], dtype="str")
        values = pandas.Series(list(prices.values()), dtype="float64")
        pandas.DataFrame({"date": days, "usd_per_bbl": values}).to_parquet(self.path)

    def gives_nonsense(self) -> None:
        self.gives({MONDAY: float("nan"), date(2024, 1, 9): 77.0})

    def test_both_forms_give_the_same(self, tmp_path: Path) -> None:
        self.gives(WEEK)
        csv = tmp_path / "same.csv"
        csv.write_text("date,usd_per_bbl\n" + "".join(f"{day},{price}\n" for day, price in WEEK.items()))
        assert self.provider.fetch(MONDAY, NOW) == FileProvider(SPOT, settings(csv)).fetch(MONDAY, NOW)
