"""What a notebook hands over is read as it is written, or refused in a sentence; never guessed."""

from __future__ import annotations

import datetime as dt
import re
import warnings
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from brentwatch import PricesWarning, bundled_prices, event_study, session_tests, sizes
from brentwatch.core.domain import BRENT_FRONT
from brentwatch.core.errors import BrentwatchError, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable

    from brentwatch.notebook.names import ForecastModel

pytestmark = pytest.mark.slow

MODEL: ForecastModel = "ewma-rank"
"""It is not fitted: quick."""

PRICES = bundled_prices("catalogue").loc["2017-01-02":"2020-03-02"]
DAYS = pd.DatetimeIndex(PRICES.index)
EVENT = {"abqaiq": dt.date(2019, 9, 14)}
PLAIN = session_tests(PRICES, MODEL)


def dated(index: Any) -> pd.Series[float]:
    return pd.Series(PRICES.to_numpy(), index=index)


def day_is(label: object) -> pd.Series[float]:
    labels: list[object] = [*DAYS[:5], label, *DAYS[6:]]
    return pd.Series(PRICES.to_numpy(), index=pd.Index(labels, dtype=object))


def price_is(value: object) -> pd.Series[Any]:
    prices = PRICES.astype(object)
    prices.iloc[5] = value
    return prices


def frame_of_yahoo(levels: list[str] | None = None, ticker: str = "BRENT") -> pd.DataFrame:
    """The shape that yfinance 1.7 documents: one row a day, Close to Volume, each with its ticker."""
    columns = {name: PRICES + shift for shift, name in enumerate(["Close", "High", "Low", "Open"])}
    frame = pd.DataFrame({**columns, "Volume": 1_000}).rename_axis("Date")
    if levels is None:
        return frame
    pairs = [(name, ticker) if levels[0] == "Price" else (ticker, name) for name in frame.columns]
    return frame.set_axis(pd.MultiIndex.from_tuples(pairs, names=levels), axis=1)


SAME: dict[str, pd.Series[Any] | pd.DataFrame] = {
    "iso text": dated([f"{day:%Y-%m-%d}" for day in DAYS]),
    "iso text with a time": dated([f"{day:%Y-%m-%d}T16:30" for day in DAYS]),
    "as yfinance writes it": dated([f"{day:%Y-%m-%d} 00:00:00-05:00" for day in DAYS]),
    "categories of text": dated(pd.CategoricalIndex([f"{day:%Y-%m-%d}" for day in DAYS])),
    "dates": dated([day.date() for day in DAYS]),
    "seconds": dated(DAYS.astype("datetime64[s]")),
    "midnight in New York": dated(DAYS.tz_localize("America/New_York")),
    "midnight in Tokyo": dated(DAYS.tz_localize("Asia/Tokyo")),
    "midnight in New York as UTC": dated(DAYS.tz_localize("America/New_York").tz_convert("UTC")),
    "settlements": dated((DAYS + pd.Timedelta(hours=16, minutes=30)).tz_localize("Europe/London")),
    "times without a zone": dated(DAYS + pd.Timedelta(hours=16, minutes=30)),
    "one day as text": day_is(f"{DAYS[5]:%Y-%m-%d}"),
    "objects": PRICES.astype(object),
    "decimals": PRICES.map(lambda price: Decimal(str(price))),
    "nullable": PRICES.astype("Float64"),
    "backwards": PRICES[::-1],
    "a frame of one column": PRICES.to_frame("anything"),
    "a frame with a close among others": frame_of_yahoo(),
    "a frame as read from CSV": PRICES.rename_axis("Date").rename("Close").reset_index(),
    "a frame as yfinance.download returns it": frame_of_yahoo(["Price", "Ticker"]),
    "the same by ticker": frame_of_yahoo(["Ticker", "Price"]),
}


@pytest.mark.parametrize("name", SAME)
def test_each_way_to_write_the_same_prices_gives_the_same_tests(name: str) -> None:
    assert session_tests(SAME[name], MODEL).equals(PLAIN)


UNREADABLE: dict[str, tuple[Any, str]] = {
    "a table of two series": (
        pd.DataFrame({"brent": PRICES, "wti": PRICES}),
        r"the columns 'brent, wti'; expected one column of USD/bbl, .* choose a column: frame\['brent'\]",
    ),
    "two tickers": (
        pd.concat([frame_of_yahoo(["Price", "Ticker"], name) for name in ("BZ=F", "CL=F")], axis=1),
        r"the closes of 2 tickers \(BZ=F, CL=F\); .* choose it: frame\['Close'\]\['BZ=F'\]",
    ),
    "no close": (frame_of_yahoo(["Price", "Ticker"]).drop(columns="Close"), "expected one called Close"),
    "two columns of a name": (
        pd.concat([PRICES, PRICES], axis=1),
        "more than one column 'usd_per_bbl'; .*frame.iloc",
    ),
    "a list": (list(PRICES), r"prices is \[.*, a list; expected a pandas Series"),
    "a mapping": (PRICES.to_dict(), r"prices is \{.*, a dict; expected a pandas Series"),
    "a number": (80.0, "prices is 80.0, a float"),
    "levels": (dated(pd.MultiIndex.from_product([["BZ=F"], DAYS])), "an index of 2 levels; .*droplevel"),
    "periods": (PRICES.to_period("D"), "an index of periods .D.; .*to_timestamp"),
    "numbers": (PRICES.reset_index(drop=True), "numbered, not dated; .*set_index"),
    "day first": (dated([f"{day:%d/%m/%Y}" for day in DAYS]), "row 1 of the prices is dated '03/01/2017'"),
    "no hyphens": (dated([f"{day:%Y%m%d}" for day in DAYS]), "row 1 of the prices is dated '20170103'"),
    "no such day": (day_is("2019-02-30"), "row 6 of the prices is dated '2019-02-30'"),
    "NaT": (day_is(pd.NaT), "row 6 of the prices is dated 'NaT'"),
    "no date": (day_is(None), "row 6 of the prices is dated 'None'"),
    "a number amid dates": (day_is(20170109), "row 6 of the prices is dated '20170109'"),
    "the year 9999": (day_is(dt.date(9999, 1, 1)), "dated '9999-01-01'; expected a date of 1900 to 2200"),
    "London as UTC": (
        dated(DAYS.tz_localize("Europe/London").tz_convert("UTC")),
        "another day in Europe/London than in their own zone .*tz_convert",
    ),
    "London as UTC without a zone": (
        dated(DAYS.tz_localize("Europe/London").tz_convert("UTC").tz_localize(None)),
        "of the last hours of a day, in no time zone",
    ),
    "Tokyo as UTC": (
        dated(DAYS.tz_localize("Asia/Tokyo").tz_convert("UTC")),
        "on a Sunday .* dates seem to be a day early",
    ),
    "weeks": (PRICES.resample("W-SUN").last(), "rows are 7 days apart; expected one row for each session"),
    "months": (PRICES.resample("ME").last(), "rows are 31 days apart; expected one row for each session"),
    "days and months swapped": (
        dated([day.replace(month=day.day, day=day.month) if day.day <= 12 else day for day in DAYS]),
        "out of order as they stand, .* a spreadsheet may have swapped day and month",
    ),
    "weekends alone": (
        pd.Series([60.0, 61.0], pd.to_datetime(["2019-09-14", "2019-09-15"])),
        "no row is on a day with a session",
    ),
    "a truth": (price_is(True), "'True', a bool"),
    "truths": (PRICES > 60.0, "'False', a bool"),
    "text": (PRICES.astype(str), "a str; .*pd.to_numeric"),
    "infinity": (price_is(np.inf), "is 'inf'"),
    "a decimal infinity": (price_is(Decimal("inf")), "is 'Infinity', a Decimal"),
    "too large": (price_is(1e300), "is '1e.300'"),
    "too large for a float": (price_is(10**400), "a number of USD/bbl"),
    "complex": (price_is(60j), "a complex"),
    "a date": (price_is(pd.Timestamp("2019-01-01")), "a Timestamp"),
    "two of one day": (pd.concat([PRICES, PRICES.tail(1)]), "has two prices"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_prices_that_cannot_be_read_for_sure_are_refused_by_each_function(name: str) -> None:
    prices, reason = UNREADABLE[name]
    for ask in (
        lambda: session_tests(prices, MODEL),
        lambda: sizes(prices, [MODEL]),
        lambda: event_study(EVENT, prices),
        lambda: event_study(EVENT, PRICES, prices, model="market"),
    ):
        with pytest.raises(InvalidInput) as raised:
            ask()
        said = str(raised.value).replace("benchmark values", "prices").replace("benchmark value", "price")
        assert re.search(reason, said), said


EMPTY: dict[str, tuple[pd.Series[float], str]] = {
    "no row": (PRICES[:0], "0 prices give 0 returns of one session, .* after 500; give more"),
    "too few": (PRICES[:501], "501 prices give 500 returns of one session"),
    "no value": (PRICES * np.nan, "0 prices give 0 returns"),
    "below zero": (-PRICES, "prices give 0 returns of one session"),
    "a price that stands still": (PRICES.where(PRICES < 0.0, 60.0), "forecasts none of the .* sessions"),
    "Fridays": (PRICES[np.array([day.weekday() == 4 for day in DAYS])], "returns of one session"),
}


@pytest.mark.parametrize("name", EMPTY)
def test_an_empty_result_is_an_error_that_says_why(name: str) -> None:
    prices, told = EMPTY[name]
    with pytest.raises(InvalidInput, match=f"no session can be tested: .*{told}"):
        session_tests(prices, "constant-mean")
    with pytest.raises(InvalidInput, match=f"no session can be tested: .*{told}"):
        sizes(prices, ["constant-mean"])


@pytest.mark.slow
def test_a_size_of_nothing_is_not_a_number_and_has_all_columns() -> None:
    long = sizes(PRICES, [MODEL], [(0, 0), (0, 9_000)])

    assert list(long["n"]) == [len(PLAIN)] * 2 + [0] * 2
    assert long.loc[2:, "size":].isna().all(axis=None)


STRANGE: tuple[object, ...] = (
    True, 1.5, np.float64(5.0), float("nan"), "x", b"x", [], [1.0], [None], {}, {0: 1}, pd.NaT, pd.NA,
    object(), 10**30, np.array(3.0), (True, False), (0.0, 1.0), ("0", "1"), (0, 1, 2),
    (0, 10**9), (5, -5), np.array([[0.5, 1.0]]),
)  # fmt: skip
ASKED: dict[str, Callable[[Any], object]] = {
    "bundled_prices(history)": bundled_prices,
    "session_tests(model)": lambda value: session_tests(PRICES, value),
    "session_tests(instrument)": lambda value: session_tests(PRICES, MODEL, instrument=value),
    "sizes(models)": lambda value: sizes(PRICES, value),
    "sizes(windows)": lambda value: sizes(PRICES, [MODEL], value),
    "sizes(windows) of one": lambda value: sizes(PRICES, [MODEL], [value]),
    "sizes(instrument)": lambda value: sizes(PRICES, [MODEL], instrument=value),
    "event_study(events)": lambda value: event_study(value, PRICES),
    "event_study(events) of one": lambda value: event_study({"a": value}, PRICES),
    "event_study(model)": lambda value: event_study(EVENT, PRICES, model=value),
    "event_study(estimation)": lambda value: event_study(EVENT, PRICES, estimation=value),
    "event_study(gap)": lambda value: event_study(EVENT, PRICES, gap=value),
    "event_study(window)": lambda value: event_study(EVENT, PRICES, window=value),
    "event_study(windows)": lambda value: event_study(EVENT, PRICES, windows=value),
    "event_study(instrument)": lambda value: event_study(EVENT, PRICES, instrument=value),
}


@pytest.mark.parametrize("name", ASKED)
def test_an_argument_that_makes_no_sense_is_refused_in_a_sentence(name: str) -> None:
    for value in STRANGE:
        with pytest.raises(BrentwatchError) as raised:
            ASKED[name](value)
        assert any(words in str(raised.value) for words in ("expected", "wanted", "give")), value


@pytest.mark.parametrize("value", [None, 1, 0, "no", [], np.array([True])])
def test_a_switch_is_true_or_false(value: Any) -> None:
    with pytest.raises(InvalidInput, match=r"span is .*; expected True or False"):
        event_study(EVENT, PRICES, span=value)
    with pytest.raises(InvalidInput, match=r"aggregate is .*; expected True or False"):
        event_study(EVENT, PRICES).tests(aggregate=value)


def test_integers_of_numpy_are_integers() -> None:
    ends: Any = np.array([0, 1])
    studied = event_study(EVENT, PRICES, estimation=np.int64(120), gap=np.int8(5), window=ends)  # type: ignore[arg-type]  # numpy's integers

    assert studied.rows.equals(event_study(EVENT, PRICES, window=(0, 1)).rows)


def test_the_instrument_says_which_days_are_sessions() -> None:
    """A May Monday is a bank holiday of London, and a session of Globex."""
    gone = PRICES.drop(pd.Timestamp("2019-05-06"))
    with pytest.warns(PricesWarning, match=r"7 sessions have no price"):
        session_tests(gone, MODEL, instrument="brent-front")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        session_tests(gone, MODEL)
    wrong: Any = "wti"
    with pytest.raises(InvalidInput, match=r"instrument is 'wti'; .* did you mean 'wti-front'\?"):
        session_tests(PRICES, MODEL, instrument=wrong)
    assert event_study(EVENT, PRICES, instrument=BRENT_FRONT).rows["session"].iloc[5] == pd.Timestamp(
        "2019-09-16"
    )


def test_a_sunday_row_is_left_out_with_a_warning_and_changes_nothing() -> None:
    sunday = pd.Series([61.50], pd.to_datetime(["2019-09-15"]))
    with pytest.warns(PricesWarning, match=r"1 row is left out \(2019-09-15\): no session trades on a Sat"):
        tests = session_tests(pd.concat([PRICES, sunday]), MODEL)
    with pytest.warns(PricesWarning, match="2019-09-15"):
        studied = event_study(EVENT, pd.concat([PRICES, sunday]))

    assert tests.equals(PLAIN)
    assert tests.attrs["notes"][0].startswith("prices: 1 row is left out")
    assert studied.rows.equals(event_study(EVENT, PRICES).rows)
    assert float(np.expm1(studied.rows["ar"].iloc[5])) == pytest.approx(0.118, abs=5e-4)


def test_a_series_filled_to_every_day_gives_the_tests_of_its_sessions() -> None:
    with pytest.warns(PricesWarning, match="rows are left out"):
        tests = session_tests(PRICES.asfreq("D").ffill(), MODEL)

    assert set(tests.index) <= set(PLAIN.index)
    assert len(PLAIN) - len(tests) < 10
    assert tests.loc["2019-09-16", "p"] == pytest.approx(PLAIN.loc["2019-09-16", "p"], abs=2e-3)


def test_a_session_after_missing_ones_is_not_tested() -> None:
    hole = PRICES.drop(PRICES.loc["2019-06-14":"2019-08-08"].index)
    with pytest.warns(PricesWarning, match=r"1 return spans more than one session \(2019-08-09\)"):
        tests = session_tests(hole, MODEL)

    assert pd.Timestamp("2019-08-09") not in tests.index
    assert pd.Timestamp("2019-08-12") in tests.index


def test_an_event_whose_window_spans_missing_sessions_is_refused_unless_span_is_true() -> None:
    hole = PRICES.drop(PRICES.loc["2019-06-14":"2019-08-08"].index)
    event = {"after": dt.date(2019, 8, 9)}
    refused = event_study(event, hole, window=(0, 1))
    judged = event_study(event, hole, window=(0, 1), span=True)

    assert refused.refused["after"].startswith(
        "the return of 2019-08-09 spans 40 sessions, since 39 sessions between 2019-06-13 and 2019-08-09 "
    )
    assert judged.refused == {}
    assert judged.notes[-1].endswith("it is tested with the mean and the variance of 40 sessions")
    assert judged.rows["p"].iloc[0] > 0.2


def test_a_bare_date_has_a_note() -> None:
    events: dict[str, Any] = {
        "by day": dt.date(2019, 9, 14),
        "midnight": pd.Timestamp("2019-09-14"),
        "by hour": pd.Timestamp("2019-09-14 00:45", tz="UTC"),
    }
    studied = event_study(events, PRICES)

    assert studied.notes == (
        "2 events have a date without a time (by day, midnight): the news may belong to the session of that "
        "date or to the next; session 0 is the first of the two",
    )
    assert set(studied.tests()["session"]) == {pd.Timestamp("2019-09-16")}
