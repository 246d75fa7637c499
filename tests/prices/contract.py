"""What every price provider promises, whatever its source does: a subclass says how it is made and fed."""

from __future__ import annotations

import gzip
import math
import tracemalloc
from contextlib import ExitStack
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, ClassVar

import pytest
from tests.prices.desk import Desk, Source
from tests.prices.markets import MONDAY, NOW, WEEK
from tests.prices.stub import Answer, Stub
from tests.web.troubles import RETRY_AFTER_SECONDS, TROUBLES

from brentwatch.core.domain import Series
from brentwatch.core.errors import InvalidInput, Unavailable
from brentwatch.prices.provider import LARGEST_BYTES, MOST_ROWS
from brentwatch.web.failures import NoAnswer, Reason

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from brentwatch.prices.provider import Provider

DEEP = "[" * 100_000
HUGE = "9" * 5_000
ABSURD_NUMBERS = ("1e400", "NaN", "-Infinity", HUGE, "true", "[1]", "{}", '"cheap"', '"1_000"', '""', DEEP)
"""As JSON has them, or nearly."""
ABSURD_DAYS = ("0000-01-01", "0001-01-01", "9999-12-31", "2024-02-30", "20240108", "1", "", "x" * 500)

PATIENCE_SECONDS = 20.0
IMPATIENCE_SECONDS = 1.0
SECRET = "open-sesame"


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken(Series):
    """A series that raises an error, for every session or for one, which no provider expects."""

    error: BaseException
    on: date | None

    @classmethod
    def like(cls, series: Series, error: BaseException | None = None, on: date | None = None) -> Broken:
        own = {each.name: getattr(series, each.name) for each in fields(series)}
        return cls(**own, error=error or ZeroDivisionError("nobody expected this"), on=on)

    def closes_at(self, session: date) -> datetime:
        if self.on in (None, session):
            raise self.error
        return Series.closes_at(self, session)


class ProviderContract:
    """Inherit, and answer the questions; the tests come with it."""

    series: Series
    provider: Provider

    def gives(self, prices: dict[date, float]) -> None:
        """The source has these prices from now on."""
        raise NotImplementedError

    def gives_nonsense(self) -> None:
        """The source has a price that is none."""
        raise NotImplementedError

    def makes(self, series: Series) -> Provider:
        """The provider, for a series of the same name."""
        raise NotImplementedError

    def test_it_says_whose_prices_they_are_and_on_which_terms(self) -> None:
        assert all(self.provider.terms)

    def test_prices_come_oldest_first_with_the_settlement_of_their_session(self) -> None:
        self.gives(WEEK)
        quotes = self.provider.fetch(MONDAY, NOW)
        assert {each.session: each.close for each in quotes} == WEEK
        assert [each.closes_at for each in quotes] == [self.series.closes_at(day) for day in WEEK]
        assert {each.interval for each in quotes} == {"1d"}

    def test_what_came_before_is_left_out(self) -> None:
        self.gives(WEEK)
        (only,) = self.provider.fetch(MONDAY + timedelta(days=4), NOW)
        assert only.session == MONDAY + timedelta(days=4)

    def test_an_empty_answer_is_no_answer(self) -> None:
        self.gives({})
        with pytest.raises(NoAnswer) as told:
            self.provider.fetch(MONDAY, NOW)
        assert told.value.reason is Reason.EMPTY

    def test_nothing_new_is_no_answer(self) -> None:
        self.gives(WEEK)
        with pytest.raises(Unavailable):
            self.provider.fetch(MONDAY + timedelta(days=5), NOW)

    def test_a_price_that_is_none_is_refused_or_left_out(self) -> None:
        self.gives_nonsense()
        try:
            quotes = self.provider.fetch(MONDAY, NOW)
        except (InvalidInput, Unavailable):
            return
        assert all(math.isfinite(each.close) for each in quotes)

    def test_it_answers_again_once_its_source_is_well(self) -> None:
        self.gives({})
        with pytest.raises(Unavailable):
            self.provider.fetch(MONDAY, NOW)
        self.gives(WEEK)
        assert len(self.provider.fetch(MONDAY, NOW)) == len(WEEK)

    def test_an_error_nobody_expected_is_counted_and_logged_once_and_the_next_provider_goes_on(self) -> None:
        self.gives(WEEK)
        broken = Broken.like(self.series)
        desk = Desk(self.series, ("one", self.makes(broken)), ("other", Source(self.series, WEEK)))
        later = desk.turn(NOW)
        assert {session: close for session, close, _ in desk.bars()} == WEEK
        fetches = desk.counted("price_fetches_total", provider="one", outcome="internal")
        assert fetches + desk.counted("price_rejections_total", reason="internal", series=self.series.name)
        assert desk.counted("price_fetches_total", provider="other", outcome="answered") == 1
        assert desk.log.getvalue().count("Traceback") == 1
        assert "ZeroDivisionError: nobody expected this" in desk.log.getvalue()
        assert later > NOW

    @pytest.mark.parametrize(
        "error", [MemoryError(), KeyboardInterrupt(), Unavailable("Kafka"), SystemExit()]
    )
    def test_what_must_stop_or_retry_the_service_is_never_a_rejection(self, error: BaseException) -> None:
        self.gives(WEEK)
        desk = Desk(self.series, ("one", self.makes(Broken.like(self.series, error))))
        with pytest.raises(type(error)):
            desk.turn(NOW)


class WebProviderContract(ProviderContract):
    """The same for a provider that asks a web site: each of its answers ends in its error and its counter."""

    name: str
    stub: Stub

    @pytest.fixture(autouse=True)
    def _a_site(self) -> Iterator[None]:
        with ExitStack() as open_sites:
            self.stub = open_sites.enter_context(Stub().running())
            self.elsewhere = open_sites.enter_context(Stub().running())
            self.set_up(PATIENCE_SECONDS)
            yield

    def set_up(self, seconds: float) -> None:
        """Make the provider, with so much patience, against the stub."""
        raise NotImplementedError

    def refused(self) -> InvalidInput:
        with pytest.raises(InvalidInput) as told:
            self.provider.fetch(MONDAY, NOW)
        assert SECRET not in str(told.value)
        return told.value

    def no_answer(self) -> NoAnswer:
        with pytest.raises(NoAnswer) as told:
            self.provider.fetch(MONDAY, NOW)
        assert SECRET not in str(told.value)
        return told.value

    @pytest.mark.slow
    @pytest.mark.parametrize("trouble", TROUBLES)
    def test_trouble_is_counted_by_its_reason_and_once_it_is_over_prices_come(self, trouble: str) -> None:
        make, reason = TROUBLES[trouble]
        self.gives(WEEK)
        if reason is Reason.TIMEOUT:
            self.set_up(IMPATIENCE_SECONDS)
        desk = Desk(self.series, (self.name, self.provider))
        self.stub.trouble = make(self.stub)
        later = desk.turn(NOW)
        asked = {"provider": self.name}
        assert desk.counted("price_fetches_total", outcome=reason, **asked) == 1
        assert desk.bars() == []
        assert later > NOW
        assert (later - NOW).total_seconds() == RETRY_AFTER_SECONDS or trouble != "429"
        assert SECRET not in desk.log.getvalue()
        self.stub.trouble = None
        if reason is Reason.TIMEOUT:  # a busy machine may take longer than we were patient
            self.set_up(PATIENCE_SECONDS)
            desk.sources = ((self.name, self.provider),)
            desk.life()
        desk.turn(later)
        assert desk.counted("price_fetches_total", outcome="answered", **asked) == 1
        assert {session: close for session, close, _ in desk.bars()} == WEEK

    def test_a_site_may_name_the_time_to_come_back(self) -> None:
        later = format_datetime(datetime.now(UTC) + timedelta(minutes=20), usegmt=True)
        self.stub.always(Answer(b"", 429, {"Retry-After": later}))
        assert self.no_answer().retry_after == pytest.approx(1200, abs=60)

    @pytest.mark.parametrize(
        "told", ["9" * 400, "1e400", "NaN", "-1", "Mon, 1 Jan 99999999999999 00:00:00 GMT"]
    )
    def test_an_absurd_time_to_come_back_is_bounded(self, told: str) -> None:
        self.stub.always(Answer(b"", 429, {"Retry-After": told}))
        desk = Desk(self.series, (self.name, self.provider))
        assert NOW < desk.turn(NOW) <= NOW + timedelta(days=1)
        assert desk.counted("price_fetches_total", provider=self.name, outcome="throttled") == 1

    def test_a_row_that_raises_an_error_nobody_expected_costs_that_row_only(self) -> None:
        self.gives(WEEK)
        tuesday = MONDAY + timedelta(days=1)
        desk = Desk(self.series, (self.name, self.makes(Broken.like(self.series, on=tuesday))))
        desk.turn(NOW)
        assert {session: close for session, close, _ in desk.bars()} == {
            day: price for day, price in WEEK.items() if day != tuesday
        }
        assert desk.counted("price_rejections_total", reason="internal", series=self.series.name) == 1
        assert desk.counted("price_fetches_total", provider=self.name, outcome="answered") == 1
        assert desk.log.getvalue().count("Traceback") == 1

    absurd: ClassVar[dict[str, bytes]]
    """Answers with a good row of Monday at 76 and something absurd, by what it is."""

    def test_absurd_values_end_in_a_counted_rejection_and_the_good_rows_are_kept_or_refused(self) -> None:
        for what, body in self.absurd.items():
            self.set_up(PATIENCE_SECONDS)
            self.sends(body)
            desk = Desk(self.series, (self.name, self.provider))
            desk.turn(NOW)
            counts = [
                desk.counted("price_fetches_total", provider=self.name, outcome=outcome)
                for outcome in ("answered", "invalid", "garbled")
            ]
            assert sum(counts) == 1, what
            assert [bar[:2] for bar in desk.bars()] == ([(MONDAY, 76.0)] if counts[0] else []), what
            internal = desk.counted("price_rejections_total", reason="internal", series=self.series.name)
            assert (internal, desk.log.getvalue().count("Traceback")) == (0, 0), what

    flood: ClassVar[bytes]
    """An answer of 15 MB that would take hundreds of megabytes."""

    @pytest.mark.attack
    def test_an_answer_of_small_values_is_refused_before_it_takes_memory(self) -> None:
        assert 15_000_000 < len(self.flood) < LARGEST_BYTES
        self.sends(self.flood)
        tracemalloc.start()
        error = self.no_answer()
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert error.reason is Reason.TOO_LARGE
        assert most < 150 << 20

    @pytest.mark.attack
    def test_more_rows_than_are_taken_are_refused(self) -> None:
        days = [MONDAY - timedelta(days=day) for day in range(MOST_ROWS + 1)]
        self.sends(self.body(dict.fromkeys(days, 76.0)))
        assert self.no_answer().reason is Reason.TOO_LARGE

    @pytest.mark.attack
    @pytest.mark.parametrize("packed", [False, True])
    def test_more_bytes_than_are_taken_are_refused(self, packed: bool) -> None:
        body = b" " * (LARGEST_BYTES + 1)
        if packed:
            self.stub.answer = lambda _: Answer(gzip.compress(body), 200, {"Content-Encoding": "gzip"})
        else:
            self.sends(body)
        assert self.no_answer().reason in (
            (Reason.TOO_LARGE, Reason.GARBLED) if packed else (Reason.TOO_LARGE,)
        )

    @pytest.mark.attack
    @pytest.mark.parametrize("price", [2_147_483_648.0, -9_999_999.0, 5e-324])
    def test_a_price_that_no_reader_of_the_timeline_takes_costs_its_row_alone(self, price: float) -> None:
        tuesday = MONDAY + timedelta(days=1)
        self.sends(self.body(WEEK | {tuesday: price}))
        desk = Desk(self.series, (self.name, self.provider))
        desk.turn(NOW)
        assert {session: close for session, close, _ in desk.bars()} == {
            day: each for day, each in WEEK.items() if day != tuesday
        }
        assert desk.counted("price_rejections_total", reason="invalid", series=self.series.name) == 1

    def test_half_an_answer_is_no_answer(self) -> None:
        self.stub.always(Answer(self.body(WEEK)[:40]))
        with pytest.raises((NoAnswer, InvalidInput)):
            self.provider.fetch(MONDAY, NOW)

    def body(self, prices: dict[date, float]) -> bytes:
        """What the site sends for these prices."""
        raise NotImplementedError

    def sends(self, body: bytes) -> None:
        """The site sends this where prices are asked for."""
        self.stub.always(Answer(body))

    def gives(self, prices: dict[date, float]) -> None:
        self.stub.always(Answer(self.body(prices)))

    def test_a_redirection_to_another_host_is_not_followed(self) -> None:
        self.elsewhere.always(Answer(self.body(WEEK)))
        self.stub.always(Answer(b"", 302, {"Location": f"{self.elsewhere.url}/login"}))
        assert self.no_answer().reason is Reason.REDIRECTED
        assert self.elsewhere.asked == []

    def test_nobody_there_is_no_answer(self) -> None:
        self.stub.leave()
        assert self.no_answer().reason is Reason.UNREACHABLE
