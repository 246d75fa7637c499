"""`massive` keeps the contract of providers, and reads a site that speaks Massive's futures aggregates."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from pydantic import SecretStr, ValidationError
from tests.prices.contract import ABSURD_DAYS, ABSURD_NUMBERS, DEEP, SECRET, WebProviderContract
from tests.prices.desk import Desk
from tests.prices.markets import FRONT, FRONT_BARS, MONDAY, NOW, SPOT, WEEK
from tests.prices.massive_site import KEY, MassiveSite, page, row, session_row
from tests.prices.stub import Answer

from brentwatch.core.domain import SERIES, Series
from brentwatch.core.errors import InvalidInput, SettingsError
from brentwatch.prices.provider import RowsRejected
from brentwatch.prices.providers.massive import Massive, list_front_contracts
from brentwatch.prices.providers.settings import MassiveSettings, ProviderSettings
from brentwatch.web.failures import NoAnswer, Reason

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from brentwatch.core.domain import Bar

MARCH = "BZH4"
"""In front from 2 to 31 January 2024."""
WTI = SERIES["wti-front"]
EXPIRY = datetime(2026, 2, 27, 19, 30, tzinfo=UTC)
"""The April 2026 contract of Brent settles for the last time; the next session is Monday 2 March."""


def provider_at(url: str, series: Series, seconds: float = 20.0) -> Massive:
    massive = MassiveSettings(url=url, api_key=SecretStr(KEY))
    return Massive(series, ProviderSettings(massive=massive, timeout_seconds=seconds))


def absurd(day: str, value: str) -> bytes:
    """A good row of Monday and one of these pieces of JSON."""
    odd = session_row(MARCH, MONDAY + timedelta(days=1), 77.0)
    odd |= {"session_end_date": "DAY", "settlement_price": "VALUE"}
    whole = page(session_row(MARCH, MONDAY, 76.0), odd).decode()
    return whole.replace('"DAY"', day).replace('"VALUE"', value).encode()


def absurd_start(value: str) -> bytes:
    odd = session_row(MARCH, MONDAY + timedelta(days=1), 77.0) | {"window_start": "START"}
    return page(session_row(MARCH, MONDAY, 76.0), odd).replace(b'"START"', value.encode())


class TestMassive(WebProviderContract):
    name = "massive"
    series = FRONT

    def set_up(self, seconds: float) -> None:
        self.seconds = seconds
        self.provider = self.makes(FRONT)

    def makes(self, series: Series) -> Massive:
        massive = MassiveSettings(url=self.stub.url, api_key=SecretStr(SECRET))
        return Massive(series, ProviderSettings(massive=massive, timeout_seconds=self.seconds))

    absurd: ClassVar = {
        **{f"price {each[:20]}": absurd('"2024-01-09"', each) for each in ABSURD_NUMBERS},
        **{f"day {each[:20]}": absurd(json.dumps(each), "77.0") for each in ABSURD_DAYS},
        **{f"day {each}": absurd(each, "77.0") for each in ("5", "null", "{}", "[]")},
        **{f"start {each[:20]}": absurd_start(each) for each in (*ABSURD_NUMBERS, "-1", "9" * 18, "9" * 30)},
        "another contract": page(session_row(MARCH, MONDAY, 76.0), session_row("BZJ4", MONDAY, 75.0)),
        "no row": page(session_row(MARCH, MONDAY, 76.0)).replace(b"[{", b"[5, null, {"),
        "deep": b'{"deep": ' + DEEP.encode(),
    }

    flood: ClassVar = b'{"status": "OK", "results": [' + b"1," * 7_600_000 + b"1]}"

    def body(self, prices: dict[date, float]) -> bytes:
        return page(*(session_row(MARCH, day, price) for day, price in prices.items()))

    def gives_nonsense(self) -> None:
        self.stub.always(Answer(self.body({MONDAY: float("nan")})))

    @pytest.mark.parametrize(
        "url",
        ["https://elsewhere.example/steal", "/futures/v1/aggs/BZ\n4", "https://[::1/futures", "", "//x"],
    )
    def test_the_address_of_a_next_page_that_is_none_is_refused(self, url: str) -> None:
        self.stub.always(Answer(page(session_row(MARCH, MONDAY, 76.0), next_url=url or "?")))
        assert "as the path of its next page; expected one under /futures/v1/aggs/" in str(self.refused())

    def test_the_key_goes_to_no_other_host(self) -> None:
        theirs = f"{self.elsewhere.url}/futures/v1/aggs/{MARCH}?cursor=2"
        answers = [page(session_row(MARCH, MONDAY, 76.0), next_url=theirs), page()]
        self.stub.answer = lambda target: Answer(answers["cursor" in target])
        assert len(self.provider.fetch(MONDAY, NOW)) == 1
        assert (len(self.stub.asked), self.elsewhere.asked) == (2, [])

    def test_pages_without_an_end_are_refused(self) -> None:
        again = f"{self.stub.url}/futures/v1/aggs/{MARCH}?cursor=2"
        self.stub.always(Answer(page(next_url=again)))
        assert self.no_answer().reason is Reason.TOO_LARGE

    def test_other_json_is_refused_and_an_error_with_status_200_is_no_answer(self) -> None:
        self.stub.always(Answer(b'{"status": "OK", "results": {}}'))
        assert "expected status and results" in str(self.refused())
        self.stub.always(Answer(b'{"status": "ERROR", "error": "internal"}'))
        assert self.no_answer().reason is Reason.FAILED


@pytest.fixture
def site() -> Iterator[MassiveSite]:
    with MassiveSite() as running:
        yield running


def bars_of(
    session: date, ticker: str, first: datetime, closes: list[float], **more: Any
) -> list[dict[str, Any]]:
    """5-minute aggregates, one after the other."""
    step = timedelta(minutes=5)
    return [row(ticker, session, first + at * step, close, **more) for at, close in enumerate(closes)]


def told(bars: tuple[Bar, ...]) -> list[tuple[date, float, str]]:
    return [(bar.session, bar.close, bar.contract) for bar in bars]


def test_daily_bars_are_settlements_of_the_contract_in_front_and_name_it(site: MassiveSite) -> None:
    site.status = "DELAYED"
    friday, monday = date(2026, 2, 27), date(2026, 3, 2)
    site.rows["BZJ6"] = [session_row("BZJ6", friday, 72.5)]
    site.rows["BZK6"] = [session_row("BZK6", day, price) for day, price in ((friday, 72.9), (monday, 77.7))]
    bars = provider_at(site.url, FRONT).fetch(friday, datetime(2026, 3, 3, tzinfo=UTC))

    assert told(bars) == [(friday, 72.5, "BZJ2026"), (monday, 77.7, "BZK2026")]
    assert [bar.closes_at for bar in bars] == [FRONT.closes_at(friday), FRONT.closes_at(monday)]
    assert [asked.path for asked in site.asked] == ["/futures/v1/aggs/BZK6", "/futures/v1/aggs/BZJ6"]
    assert {asked.query["resolution"] for asked in site.asked} == {"1session"}


def test_a_session_that_has_not_settled_has_no_daily_bar(site: MassiveSite) -> None:
    tuesday = MONDAY + timedelta(days=1)
    trading = session_row(MARCH, tuesday, 77.0)
    del trading["settlement_price"]
    site.rows[MARCH] = [session_row(MARCH, MONDAY, 76.0), trading]
    rejected = list[RowsRejected]()
    bars = provider_at(site.url, FRONT).fetch(MONDAY, NOW, rejected.append)
    assert (told(bars), rejected) == ([(MONDAY, 76.0, "BZH2024")], [])


def test_bars_of_five_minutes_come_from_several_pages_with_their_gaps(site: MassiveSite) -> None:
    opens = datetime(2024, 1, 7, 23, tzinfo=UTC)  # Sunday 18:00 in New York belongs to Monday
    site.rows[MARCH] = bars_of(MONDAY, MARCH, opens, [76.0, 76.1, 76.2, 76.3, 76.4])
    del site.rows[MARCH][2]  # nobody traded
    site.page_size = 2
    bars = provider_at(site.url, FRONT_BARS).fetch(MONDAY, NOW)

    assert [bar.close for bar in bars] == [76.0, 76.1, 76.3, 76.4]
    assert [bar.opens_at for bar in bars] == [opens + timedelta(minutes=5 * at) for at in (0, 1, 3, 4)]
    assert {(bar.session, bar.interval, bar.contract, bar.volume) for bar in bars} == {
        (MONDAY, "5m", "BZH2024", 133)
    }
    assert [asked.query.get("cursor") for asked in site.asked] == [None, "2"]


def test_the_gap_over_an_expiry_is_between_bars_that_name_two_contracts(site: MassiveSite) -> None:
    friday, monday = date(2026, 2, 27), date(2026, 3, 2)
    site.rows["BZJ6"] = bars_of(friday, "BZJ6", EXPIRY, [72.4, 72.5])
    site.rows["BZK6"] = bars_of(friday, "BZK6", EXPIRY, [72.8, 72.9])
    site.rows["BZK6"] += bars_of(monday, "BZK6", datetime(2026, 3, 1, 23, tzinfo=UTC), [79.0])
    bars = provider_at(site.url, FRONT_BARS).fetch(friday, datetime(2026, 3, 2, 5, tzinfo=UTC))

    assert told(bars) == [
        (friday, 72.4, "BZJ2026"), (friday, 72.5, "BZJ2026"), (monday, 79.0, "BZK2026")
    ]  # fmt: skip


def test_the_bar_that_is_still_forming_is_not_written(site: MassiveSite) -> None:
    opens, delay = datetime(2024, 1, 8, 14, tzinfo=UTC), FRONT_BARS.delay
    site.rows[MARCH] = bars_of(MONDAY, MARCH, opens, [76.0, 76.1, 76.2])
    desk = Desk(FRONT_BARS, ("massive", provider_at(site.url, FRONT_BARS)))
    desk.turn(opens + timedelta(minutes=12) + delay)
    assert [close for _, close, _ in desk.bars()] == [76.0, 76.1]
    (first, *_) = (bar for update in desk.timeline.updates() for bar in update.bars)
    assert first.contract == "BZH2024"


def test_an_empty_answer_is_no_answer(site: MassiveSite) -> None:
    with pytest.raises(NoAnswer) as error:
        provider_at(site.url, FRONT_BARS).fetch(MONDAY, NOW)
    assert error.value.reason is Reason.EMPTY


def test_a_wrong_key_and_a_plan_without_the_data_are_told_apart_and_the_key_is_never_told(
    site: MassiveSite,
) -> None:
    wrong = MassiveSettings(url=site.url, api_key=SecretStr("close-sesame"))
    with pytest.raises(NoAnswer, match=r"BZH4, answers 401; check prices\.massive\.api_key") as error:
        Massive(FRONT, ProviderSettings(massive=wrong)).fetch(MONDAY, NOW)
    assert error.value.reason is Reason.REFUSED
    assert "sesame" not in f"{error.value!r}{error.value.explained}{wrong!r}"
    site.not_entitled = {MARCH}
    with pytest.raises(NoAnswer, match="answers 403; check the plan of the key"):
        provider_at(site.url, FRONT).fetch(MONDAY, NOW)


def test_older_contracts_that_the_plan_does_not_have_end_the_history(site: MassiveSite) -> None:
    site.rows[MARCH] = [session_row(MARCH, MONDAY, 76.0)]
    site.not_entitled = {"BZG4"}
    bars = provider_at(site.url, FRONT).fetch(date(2023, 6, 1), NOW)
    assert told(bars) == [(MONDAY, 76.0, "BZH2024")]
    assert [asked.path[-4:] for asked in site.asked] == [MARCH, "BZG4"]


def test_a_limit_of_requests_is_told_with_the_time_to_come_back(site: MassiveSite) -> None:
    site.allowed = 1
    with pytest.raises(NoAnswer) as error:
        provider_at(site.url, FRONT).fetch(date(2023, 6, 1), NOW)
    assert (error.value.reason, error.value.retry_after) == (Reason.THROTTLED, 60.0)


def test_one_deadline_holds_for_all_contracts(site: MassiveSite) -> None:
    with pytest.raises(NoAnswer, match=r"raise prices\.timeout_seconds|within") as error:
        provider_at(site.url, FRONT, seconds=1e-6).fetch(date(2023, 6, 1), NOW)
    assert error.value.reason is Reason.TIMEOUT


def test_a_row_of_another_session_than_its_time_is_rejected(site: MassiveSite) -> None:
    site.rows[MARCH] = bars_of(MONDAY, MARCH, datetime(2024, 1, 11, 14, tzinfo=UTC), [76.0])
    with pytest.raises(InvalidInput, match="a row of session 2024-01-08 begins at 2024-01-11"):
        provider_at(site.url, FRONT_BARS).fetch(MONDAY, NOW)


@pytest.mark.parametrize(
    ("series", "day", "ticker", "name"),
    [
        (FRONT, date(2026, 2, 27), "BZJ6", "BZJ2026"),
        (FRONT, date(2026, 3, 2), "BZK6", "BZK2026"),
        (FRONT, date(2021, 4, 30), "BZM1", "BZM2021"),
        (FRONT, date(2021, 5, 3), "BZN1", "BZN2021"),
        (WTI, date(2020, 4, 21), "CLK0", "CLK2020"),
        (WTI, date(2020, 4, 22), "CLM0", "CLM2020"),
    ],
)
def test_the_front_contract_follows_the_roll_rule(series: Series, day: date, ticker: str, name: str) -> None:
    (contract,) = list_front_contracts(series, day, day)
    assert (contract.ticker, contract.name) == (ticker, name)


def test_contracts_follow_each_other_without_a_gap_or_an_overlap() -> None:
    contracts = list_front_contracts(WTI, date(2020, 1, 1), date(2026, 12, 31))[::-1]
    assert len(contracts) == 85
    assert [each.first for each in contracts[1:]] == [
        each.last + timedelta(days=1) for each in contracts[:-1]
    ]


def test_a_series_without_contracts_is_refused() -> None:
    with pytest.raises(SettingsError, match="expected a series with a product, brent-front or wti-front"):
        provider_at("http://127.0.0.1:1", SPOT)
    with pytest.raises(SettingsError, match="the roll rule is none, which has no contracts"):
        provider_at("http://127.0.0.1:1", replace(FRONT, roll="none"))


def test_without_a_key_there_is_no_such_provider_and_one_of_a_file_is_read_anew(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"prices\.massive\.api_key is not set"):
        Massive(FRONT, ProviderSettings())
    path = tmp_path / "key"
    path.write_text("first\n")
    settings = MassiveSettings(api_key_file=str(path))
    path.write_text("second\n")
    assert settings.secret.read() == "second"
    with pytest.raises(ValidationError, match="not both") as error:
        MassiveSettings(api_key=SecretStr(SECRET), api_key_file=str(path))
    assert SECRET not in str(error.value)


def test_the_week_of_the_other_providers_is_the_same_week(site: MassiveSite) -> None:
    site.rows[MARCH] = [session_row(MARCH, day, price) for day, price in WEEK.items()]
    assert {bar.session: bar.close for bar in provider_at(site.url, FRONT).fetch(MONDAY, NOW)} == WEEK
