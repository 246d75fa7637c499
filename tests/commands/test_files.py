"""The files that people really have, through the commands: the figures of a plain file, or a refusal."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest
from tests.history.tables.variants import parquet, xlsx

from brentwatch import cli

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

START = date(2018, 1, 1)
DAYS = [day for day in (START + timedelta(days=at) for at in range(420)) if day.weekday() < 5]
RETURNS = np.random.default_rng(1).standard_normal(len(DAYS)) * 0.02
CLOSES = [round(float(close), 2) for close in 60.0 * np.exp(np.cumsum(RETURNS))]


def rows(
    header: str,
    day: Callable[[date], str] = date.isoformat,
    close: Callable[[float], str] = "{:.2f}".format,
    separator: str = ",",
) -> str:
    pairs = zip(DAYS, CLOSES, strict=True)
    return "\n".join((header, *(f"{day(one)}{separator}{close(other)}" for one, other in pairs), ""))


def comma(close: float) -> str:
    return f"{close:.2f}".replace(".", ",")


def yfinance(columns: str) -> str:
    tickers = ",".join("BZ=F" for _ in columns.split(","))
    empty = "," * len(columns.split(","))
    body = "".join(
        f"{day},{','.join(f'{close + at:.2f}' for at, _ in enumerate(columns.split(',')))}\n"
        for day, close in zip(DAYS, CLOSES, strict=True)
    )
    return f"Price,{columns}\nTicker,{tickers}\nDate{empty}\n{body}"


SAME: dict[str, bytes] = {
    "semicolons": rows("date;usd_per_bbl", close=comma, separator=";").encode(),
    "dd/mm": rows("date,usd_per_bbl", day="{:%d/%m/%Y}".format).encode(),
    "Date,Close": rows("Date,Close").encode(),
    "UTF-16": rows("date,usd_per_bbl").encode("utf-16"),
    "yfinance": yfinance("Close,High,Low").encode(),
    "yfinance with its zone": rows("Date,Close", day="{} 00:00:00-05:00".format).encode(),
    "FRED": rows("DATE,DCOILBRENTEU").encode(),
    "EIA": ("Europe Brent Spot Price FOB\nSource: EIA\n\n" + rows("Day,Dollars per Barrel")).encode(),
    "XLSX": xlsx([["Date", "Close"], *zip(DAYS, CLOSES, strict=True)]),
}
REFUSED = {
    "decimal commas": rows("date,usd_per_bbl", close=comma).encode(),
    "decimal commas before a note": rows("date,usd_per_bbl,note", close=comma).encode(),
    "thousands": rows("date,usd_per_bbl", close=lambda close: f"{close * 100:,.2f}").encode(),
    "two columns of one name": rows("date,usd_per_bbl,usd_per_bbl", close="{0:.2f},{0:.2f}".format).encode(),
}


class Done(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """Runs a command on a price file, PRICES among the arguments, and on two EVENTS."""

    def runs(prices: bytes, *arguments: str) -> Done:
        (tmp_path / "prices").write_bytes(prices)
        (tmp_path / "events").write_text(f"Date,Event\n{DAYS[200]},strike\n{DAYS[230]},blockade\n")
        places = {"EVENTS": str(tmp_path / "events"), "PRICES": str(tmp_path / "prices")}
        code = cli.main([places.get(each, each) for each in arguments])
        out, err = capsys.readouterr()
        return Done(code, out, err.replace(str(tmp_path) + "/", ""))

    return runs


CLASSICAL = ("--model", "constant-mean", "--window", "0,1", "--format", "csv")
STUDY = ("study", "EVENTS", "--prices", "PRICES", *CLASSICAL)
CALIBRATE = ("calibrate", "--prices", "PRICES", "--model", "constant-mean", "--each", "--format", "csv")
CHECK = ("history", "check", "PRICES", "--json")


@pytest.mark.parametrize("command", [STUDY, CHECK], ids=["study", "history check"])
@pytest.mark.parametrize("variant", SAME)
def test_the_figures_are_those_of_a_plain_file(
    variant: str, command: tuple[str, ...], run: Callable[..., Done]
) -> None:
    right, found = run(rows("date,usd_per_bbl").encode(), *command), run(SAME[variant], *command)

    assert (found.code, found.out) == (right.code, right.out)
    assert right.code == 0
    assert "prices was read as " in found.err


@pytest.mark.parametrize("command", [STUDY, CALIBRATE, CHECK], ids=["study", "calibrate", "history check"])
@pytest.mark.parametrize("variant", REFUSED)
def test_what_could_be_read_wrong_is_one_sentence_and_no_figure(
    variant: str, command: tuple[str, ...], run: Callable[..., Done]
) -> None:
    found = run(REFUSED[variant], *command)

    assert found.code == 7
    assert found.out == ""
    assert "expected" in found.err
    assert found.err.count("brentwatch: ") == 1


def test_each_command_says_in_one_line_how_it_read_a_file(run: Callable[..., Done]) -> None:
    how = (
        "prices was read as semicolon-separated text in UTF-8, header in row 1, date from 'Datum', price "
        "from 'Close', dates day first, as row 12 shows (15.01.2018), decimal comma\n"
    )
    data = rows("Datum;Close", "{:%d.%m.%Y}".format, comma, ";").encode()

    assert f"study: {how}" in run(data, *STUDY).err
    assert f"calibrate: {how}" in run(data, *CALIBRATE).err
    assert f"note: {how}" in run(data, *CHECK).err
    assert (
        "study: events was read as comma-separated text in UTF-8, header in row 1, date from 'Date', "
        "event_id made from the date and 'Event'\n"
    ) in run(data, *STUDY).err


@pytest.mark.parametrize("command", [STUDY, CALIBRATE, CHECK], ids=["study", "calibrate", "history check"])
def test_the_user_says_whether_the_day_comes_first(
    command: tuple[str, ...], run: Callable[..., Done]
) -> None:
    unclear = b"date,usd_per_bbl\n05/02/2018,60.1\n06/02/2018,60.2\n"
    refused = run(unclear, *command)

    assert refused.code == 7
    assert "no row shows whether the day or the month comes first" in refused.err
    assert "--day-first or --month-first" in refused.err
    assert "dates day first, as chosen" in run(unclear, *command, "--day-first").err
    assert "dates month first, as chosen" in run(unclear, *command, "--month-first").err


def test_thousands_of_dates_that_are_not_clear_are_one_sentence(run: Callable[..., Done]) -> None:
    data = "".join(f"{at % 12 + 1:02}/{at % 11 + 1:02}/2018,60.1\n" for at in range(6_505))
    found = run(f"date,usd_per_bbl\n{data}".encode(), *STUDY)

    assert found.err.count("\n") == 1


def test_where_two_columns_could_be_meant_the_option_chooses(run: Callable[..., Done]) -> None:
    data = rows("Date,Settle,Last", close="{0:.2f},{0:.2f}".format).encode()
    refused = run(data, *STUDY)

    assert "'Settle' and 'Last', each of which may be the price" in refused.err
    assert "--price-column" in refused.err
    assert run(data, *STUDY, "--price-column", "settle").code == 0


def test_the_parquet_that_yfinance_writes_gives_the_same(run: Callable[..., Done]) -> None:
    import pandas as pd

    columns = pd.MultiIndex.from_tuples([("Close", "BZ=F"), ("Open", "BZ=F")], names=["Price", "Ticker"])
    index = pd.DatetimeIndex(DAYS, name="Date", tz="America/New_York")
    frame = pd.DataFrame([[close, 1.0] for close in CLOSES], index=index, columns=columns)

    assert run(parquet(frame), *STUDY).out == run(rows("date,usd_per_bbl").encode(), *STUDY).out


@pytest.mark.usefixtures("without_pyarrow")
@pytest.mark.parametrize("command", [STUDY, CALIBRATE, CHECK], ids=["study", "calibrate", "history check"])
def test_without_pyarrow_parquet_is_refused_with_what_to_install(
    run: Callable[..., Done], command: tuple[str, ...]
) -> None:
    done = run(b"PAR1", *command)

    assert done.code == 7
    assert done.err.startswith("brentwatch: prices is a Parquet file, and pyarrow, which reads it, cannot be")
    assert 'run pip install "brentwatch[parquet]", or save the file as CSV' in done.err


@pytest.mark.usefixtures("without_pyarrow")
def test_without_pyarrow_events_in_parquet_are_refused_with_what_to_install(
    run: Callable[..., Done],
) -> None:
    done = run(b"PAR1", "study", "PRICES", "--prices", "EVENTS")

    assert done.code == 7
    assert 'run pip install "brentwatch[parquet]"' in done.err
