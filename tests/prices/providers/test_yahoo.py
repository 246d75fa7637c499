"""`yahoo` keeps the contract of providers: yfinance, unmodified, against a site that speaks as Yahoo does."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from zoneinfo import ZoneInfo

import pytest
import yfinance
from tests.kafka.certificates import self_signed
from tests.prices.contract import ABSURD_NUMBERS, DEEP, HUGE, PATIENCE_SECONDS, WebProviderContract
from tests.prices.desk import Desk
from tests.prices.markets import FRONT, FRONT_BARS, MONDAY, NOW, WEEK
from tests.prices.stub import Answer
from tests.prices.yahoo_proxy import NAMES, proxy
from tests.prices.yahoo_site import NEW_YORK, ToStub, chart, charts, forget, midnight

from brentwatch.core.domain import SERIES
from brentwatch.prices.providers.settings import ProviderSettings
from brentwatch.prices.providers.yahoo import Yahoo, find_session
from brentwatch.web.failures import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas

    from brentwatch.core.domain import Series

CHECKOUT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def _forgetful() -> Iterator[None]:
    forget()
    yield
    forget()


SYMBOL = "check the symbol in prices.yahoo.symbol"
EXPLAINED = [
    (
        404,
        "Not Found",
        "No data found, symbol may be delisted",
        Reason.DELISTED,
        "the symbol that trades now",
    ),
    (
        200,
        "Not Found",
        "No data found, symbol may be delisted",
        Reason.DELISTED,
        "the symbol that trades now",
    ),
    (404, "Not Found", "No data found", Reason.MISSING, SYMBOL),
    (200, "Not Found", "No data found", Reason.MISSING, SYMBOL),
    (401, "Unauthorized", "Invalid Crumb", Reason.REFUSED, "update yfinance"),
    (200, "Unauthorized", "Invalid Crumb", Reason.REFUSED, "update yfinance"),
    (200, "Bad Request", "Data doesn't exist for startDate = 1", Reason.EMPTY, "Data doesn't exist"),
    (429, "Too Many Requests", "wait", Reason.THROTTLED, "later"),
]
"""Status, code and description of an error, the reason that it ends in, and words of the remedy."""

ABSURD_TIMES = ("1e18", "1e30", "-62135596800", "253402300799", "-9e9", "null", '"2024-01-09"')


def absurd(time: str = "1704776400", close: str = "77.0", volume: str = "9") -> bytes:
    """A good row of Monday, and one of Tuesday with one of these pieces of JSON."""
    rows: dict[datetime, float | None] = {midnight(MONDAY): 76.0, midnight(MONDAY + timedelta(days=1)): 77.0}
    found = json.loads(chart(rows))
    (result,) = found["chart"]["result"]
    (quote,) = result["indicators"]["quote"]
    result["timestamp"][1], quote["close"][1], quote["volume"][1] = "TIME", "CLOSE", "VOLUME"
    whole = json.dumps(found)
    for name, piece in (("TIME", time), ("CLOSE", close), ("VOLUME", volume)):
        whole = whole.replace(f'"{name}"', piece)
    return whole.encode()


class TestYahoo(WebProviderContract):
    name = "yahoo"
    series = FRONT

    def set_up(self, seconds: float) -> None:
        forget()
        self.seconds = seconds
        self.provider = self.made(FRONT, seconds)

    def makes(self, series: Series) -> Yahoo:
        return self.made(series, self.seconds)

    absurd: ClassVar = {
        **{f"close {each[:20]}": absurd(close=each) for each in ABSURD_NUMBERS},
        **{f"volume {each[:20]}": absurd(volume=each) for each in ("1e400", HUGE, '"x"', DEEP)},
        **{f"time {each[:20]}": absurd(time=each) for each in (*ABSURD_TIMES, *ABSURD_NUMBERS)},
    }

    def sends(self, body: bytes) -> None:
        self.stub.answer = charts(body)

    def made(self, series: Series, seconds: float) -> Yahoo:
        return Yahoo(series, ProviderSettings(timeout_seconds=seconds), ToStub(self.stub.url))

    flood: ClassVar = b'{"chart": {"result": [{"meta": {}, "timestamp": [' + b"1," * 7_600_000 + b"1]}]}}"

    def body(self, prices: dict[date, float]) -> bytes:
        return chart({midnight(day): price for day, price in prices.items()})

    def gives_nonsense(self) -> None:
        self.stub.always(Answer(chart({midnight(MONDAY): None})))

    @pytest.mark.parametrize(("status", "code", "description", "reason", "remedy"), EXPLAINED)
    def test_an_error_that_yahoo_explains_has_its_reason_and_its_remedy(
        self, status: int, code: str, description: str, reason: Reason, remedy: str
    ) -> None:
        error = {"code": code, "description": description}
        self.stub.always(Answer(json.dumps({"chart": {"result": None, "error": error}}).encode(), status))
        told = self.no_answer()
        assert told.reason is reason
        assert "BZ=F" in str(told)
        assert remedy in str(told)
        desk = Desk(FRONT, ("yahoo", self.provider))
        desk.turn(NOW)
        assert desk.counted("price_fetches_total", provider="yahoo", outcome=reason) == 1

    @pytest.mark.parametrize(("status", "remedy"), [(401, "no credentials are needed"), (404, SYMBOL)])
    def test_a_bare_status_has_a_remedy_that_fits_yahoo(self, status: int, remedy: str) -> None:
        self.stub.always(Answer(b"", status))
        assert remedy in str(self.no_answer())

    def test_an_empty_chart_is_not_called_delisted(self) -> None:
        self.stub.always(Answer(chart({})))
        told = self.no_answer()
        assert told.reason is Reason.EMPTY
        assert "delisted" not in str(told)

    @pytest.mark.parametrize(
        ("head", "said"),
        [
            ({"currency": "GBp"}, "currency is 'GBp'; expected USD"),
            ({"currency": "EUR"}, "currency is 'EUR'; expected USD"),
            ({"currency": "USd"}, "currency is 'USd'; expected USD"),
            ({"currency": ...}, "currency is not given; expected USD"),
            ({"currency": None}, "currency is not given; expected USD"),
            ({"symbol": "CL=F"}, "symbol is 'CL=F'; expected BZ=F"),
            ({"symbol": ...}, "symbol is not given; expected BZ=F"),
            ({"dataGranularity": "1mo"}, "interval is '1mo'; expected 1d"),
            ({"exchangeTimezoneName": ...}, "time zone is not given; expected one like America/New_York"),
            ({"exchangeTimezoneName": "Mars/Olympus"}, "time zone is 'Mars/Olympus'; expected one like"),
            ({"exchangeTimezoneName": "../UTC"}, "time zone is '../UTC'; expected one like"),
            ({"exchangeTimezoneName": ""}, "time zone is ''; expected one like"),
        ],
    )
    def test_a_chart_of_something_else_is_refused_and_the_refusal_is_counted(
        self, head: dict[str, object], said: str
    ) -> None:
        self.sends(chart({midnight(day): price for day, price in WEEK.items()}, head=head))
        assert said in str(self.refused())
        desk = Desk(FRONT, ("yahoo", self.provider))
        desk.turn(NOW)
        assert desk.counted("price_fetches_total", provider="yahoo", outcome="invalid") == 1
        assert desk.bars() == []

    @pytest.mark.parametrize("zone", ["Europe/London", "Asia/Singapore", "America/New_York", "UTC"])
    def test_a_session_is_dated_in_the_zone_of_its_exchange(self, zone: str) -> None:
        rows: dict[datetime, float | None] = {
            datetime.combine(day, time(), tzinfo=ZoneInfo(zone)): price for day, price in WEEK.items()
        }
        self.sends(chart(rows, head={"exchangeTimezoneName": zone}))
        assert {each.session: each.close for each in self.provider.fetch(MONDAY, NOW)} == WEEK

    @pytest.mark.parametrize("zone", ["Asia/Singapore", "America/New_York"])
    def test_a_session_is_dated_so_also_where_the_library_gives_utc(
        self, zone: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As the library did before it dated rows itself."""
        rows: dict[datetime, float | None] = {
            datetime.combine(day, time(), tzinfo=ZoneInfo(zone)): price for day, price in WEEK.items()
        }
        self.sends(chart(rows, head={"exchangeTimezoneName": zone}))
        theirs = yfinance.Ticker.history

        def in_utc(*words: Any, **options: Any) -> pandas.DataFrame:
            frame: pandas.DataFrame = theirs(*words, **options)
            return frame.tz_convert("UTC")

        monkeypatch.setattr(yfinance.Ticker, "history", in_utc)
        assert {each.session: each.close for each in self.provider.fetch(MONDAY, NOW)} == WEEK

    def test_a_price_of_zero_or_below_and_the_bar_after_it_are_flagged(self) -> None:
        prices = [76.0, -37.6, 77.0, 0.0, 78.0]
        self.stub.always(Answer(self.body(dict(zip(WEEK, prices, strict=True)))))
        desk = Desk(FRONT, ("yahoo", self.provider))
        desk.turn(NOW)
        bars = [bar for update in desk.timeline.updates(desk.partitions[0]) for bar in update.bars]
        assert [bar.close for bar in bars] == prices
        assert ["no_return" in bar.quality for bar in bars] == [False, True, True, True, True]
        flagged = {"series": "brent-front", "flag": "no_return"}
        assert desk.counted("price_bars_flagged_total", **flagged) == 4

    def test_a_row_without_a_close_is_left_out(self) -> None:
        rows = {midnight(MONDAY): 76.0, midnight(MONDAY + timedelta(days=1)): None}
        self.stub.always(Answer(chart(rows)))
        assert [each.session for each in self.provider.fetch(MONDAY, NOW)] == [MONDAY]

    def test_a_row_of_a_sunday_is_no_session(self) -> None:
        sunday = MONDAY - timedelta(days=1)
        self.stub.always(Answer(chart({midnight(sunday): 75.0, midnight(MONDAY): 76.0})))
        assert [each.session for each in self.provider.fetch(sunday, NOW)] == [MONDAY]

    def test_volume_comes_with_the_price_and_none_is_zero(self) -> None:
        self.stub.always(Answer(chart({midnight(MONDAY): 76.0}, volume=None)))
        assert [each.volume for each in self.provider.fetch(MONDAY, NOW)] == [0.0]

    def test_bars_of_five_minutes_carry_their_beginning_and_their_session(self) -> None:
        sunday_evening = datetime(2024, 1, 7, 18, 0, tzinfo=NEW_YORK)
        rows = {sunday_evening: 76.1, sunday_evening + timedelta(minutes=5): 76.2}
        self.stub.always(Answer(chart(dict(rows), "5m")))
        first, second = self.made(FRONT_BARS, PATIENCE_SECONDS).fetch(MONDAY, NOW)
        assert (first.session, first.interval) == (MONDAY, "5m")
        assert first.opens_at == datetime(2024, 1, 7, 23, 0, tzinfo=UTC)
        assert first.closes_at == second.opens_at == datetime(2024, 1, 7, 23, 5, tzinfo=UTC)
        assert "5m" in {asked.query.get("interval") for asked in self.stub.asked}

    def test_bars_of_five_minutes_are_asked_for_as_far_back_as_yahoo_keeps_them(self) -> None:
        self.stub.always(Answer(chart({datetime(2024, 1, 8, 9, 0, tzinfo=NEW_YORK): 76.1}, "5m")))
        self.made(FRONT_BARS, PATIENCE_SECONDS).fetch(date(2018, 1, 2), NOW)
        asked = [each.query for each in self.stub.asked if each.query.get("interval") == "5m"]
        (begins,) = {datetime.fromtimestamp(int(each["period1"]), UTC) for each in asked if "period1" in each}
        assert timedelta(days=58) < NOW - begins <= timedelta(days=60)

    def test_wti_has_a_symbol_of_its_own(self) -> None:
        wti = SERIES["wti-front"]
        self.stub.always(Answer(self.body(WEEK).replace(b"BZ=F", b"CL=F")))
        assert len(self.made(wti, PATIENCE_SECONDS).fetch(MONDAY, NOW)) == len(WEEK)
        assert all("CL=F" in each.path for each in self.stub.asked if "/chart/" in each.path)

    def test_the_open_of_a_bar_of_five_minutes_comes_along(self) -> None:
        """Without it no return exists in the first bar after a break."""
        opens_at = datetime(2024, 1, 8, 9, 0, tzinfo=NEW_YORK)
        rows: dict[datetime, float | None] = {opens_at: 76.1, opens_at + timedelta(minutes=5): 76.2}
        self.stub.always(Answer(chart(rows, "5m", opens=[76.05, None])))
        assert [each.open for each in self.made(FRONT_BARS, PATIENCE_SECONDS).fetch(MONDAY, NOW)] == [
            76.05,
            None,
        ]

    def test_the_open_of_a_session_comes_along(self) -> None:
        """From it the usual gaps are learned where there are no bars of five minutes."""
        rows: dict[datetime, float | None] = {midnight(day): price for day, price in [*WEEK.items()][:2]}
        self.stub.always(Answer(chart(rows, opens=[75.5, None])))
        assert [each.open for each in self.provider.fetch(MONDAY, NOW)] == [75.5, None]


@pytest.mark.parametrize(
    ("at", "session"),
    [
        (datetime(2024, 1, 5, 21, 59, tzinfo=UTC), date(2024, 1, 5)),  # Friday, the last minute
        (datetime(2024, 1, 7, 23, 0, tzinfo=UTC), date(2024, 1, 8)),  # Sunday, the first minute in winter
        (datetime(2024, 7, 7, 22, 0, tzinfo=UTC), date(2024, 7, 8)),  # and in summer
        (datetime(2024, 3, 11, 21, 59, tzinfo=UTC), date(2024, 3, 11)),  # New York has changed, London not
        (datetime(2024, 3, 11, 22, 0, tzinfo=UTC), date(2024, 3, 12)),
        (datetime(2024, 1, 9, 3, 0, tzinfo=UTC), date(2024, 1, 9)),
    ],
)
def test_trade_from_the_evening_on_belongs_to_the_next_session(at: datetime, session: date) -> None:
    assert find_session(at) == session


ASK = """
import json
from tests.prices.markets import FRONT, MONDAY, NOW
from brentwatch.core.domain import SERIES
from brentwatch.prices.providers.settings import ProviderSettings
from brentwatch.prices.providers.table import load

quotes = load("yahoo", FRONT, ProviderSettings()).fetch(MONDAY, NOW)
print(json.dumps({str(quote.session): quote.close for quote in quotes}))
"""


WRITTEN = [
    (Answer(chart({midnight(day): price for day, price in WEEK.items()})), "5"),
    (Answer(chart({})), "empty"),
    (Answer(b'{"chart": {"error": {"code": "Not Found", "description": "delisted"}}}', 404), "delisted"),
    (Answer(b"\xff\xfe\xff", 401), "refused"),
    (Answer(b"\xff\xfe\xff"), "garbled"),
]
"""Answers, and what becomes of each."""

QUIET = """
from tests.prices.markets import FRONT, MONDAY, NOW
from tests.prices.providers.test_yahoo import WRITTEN
from tests.prices.stub import Answer, Stub
from tests.prices.yahoo_site import ToStub, forget
from brentwatch.core.domain import SERIES
from brentwatch.prices.providers.settings import ProviderSettings
from brentwatch.prices.providers.yahoo import Yahoo
from brentwatch.web.failures import NoAnswer

with Stub().running() as stub:
    for answer, _ in WRITTEN:
        forget()
        stub.answer = lambda target: answer if "/chart/" in target else Answer(b"<html>\\xff\\xfe\\x81")
        try:
            print(len(Yahoo(FRONT, ProviderSettings(), ToStub(stub.url)).fetch(MONDAY, NOW)))
        except NoAnswer as error:
            print(error.reason)
"""


@pytest.mark.slow
def test_the_library_writes_nothing_to_standard_error() -> None:
    """Its warnings, its log lines and those of what it uses; of cookies it gets bytes that are no text."""
    done = subprocess.run(
        [sys.executable, "-c", QUIET], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    assert (done.stdout.split(), done.stderr) == ([told for _, told in WRITTEN], "")


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl wanted, to make a certificate")
@pytest.mark.slow
def test_nothing_is_changed_for_a_test_that_goes_through_a_proxy_and_tls(tmp_path: Path) -> None:
    pair = self_signed(tmp_path, "yahoo", NAMES)
    body = chart({midnight(day): price for day, price in WEEK.items()})
    with proxy(pair, lambda _: body) as (url, asked):
        trusted = dict.fromkeys(("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"), str(pair.certificate))
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", ASK],
            env=os.environ | trusted | {"HTTPS_PROXY": url, "https_proxy": url},
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {str(day): price for day, price in WEEK.items()}
    assert [line for line in asked if line.startswith("GET /v8/finance/chart/BZ=F?")] != []
