"""What every price provider promises, whatever its source does: a subclass says how it is made and fed."""

from __future__ import annotations

import math
from contextlib import ExitStack
from datetime import UTC, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest
from tests.prices.markets import MONDAY, NOW, WEEK
from tests.prices.stub import Answer, Stub

from brentwatch.core.errors import InvalidInput, Unavailable
from brentwatch.prices.provider import NotNow

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from brentwatch.prices.market import Market
    from brentwatch.prices.provider import Provider

PATIENCE_SECONDS = 20.0
IMPATIENCE_SECONDS = 0.4
SECRET = "open-sesame"


class ProviderContract:
    """Inherit, and answer the questions; the tests come with it."""

    market: Market
    provider: Provider

    def gives(self, prices: dict[date, float]) -> None:
        """The source has these prices from now on."""
        raise NotImplementedError

    def gives_nonsense(self) -> None:
        """The source has a price that is none."""
        raise NotImplementedError

    def test_it_says_which_series_it_has(self) -> None:
        assert self.provider.series == self.market.series

    def test_prices_come_oldest_first_with_the_settlement_of_their_session(self) -> None:
        self.gives(WEEK)
        quotes = self.provider.fetch(MONDAY, NOW)
        assert {each.session: each.close for each in quotes} == WEEK
        assert [each.closes_at for each in quotes] == [self.market.closes_at(day) for day in WEEK]
        assert {each.interval for each in quotes} == {"1d"}

    def test_what_came_before_is_left_out(self) -> None:
        self.gives(WEEK)
        (only,) = self.provider.fetch(MONDAY + timedelta(days=4), NOW)
        assert only.session == MONDAY + timedelta(days=4)

    def test_an_empty_answer_is_no_answer(self) -> None:
        self.gives({})
        with pytest.raises(Unavailable):
            self.provider.fetch(MONDAY, NOW)

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


class WebProviderContract(ProviderContract):
    """The same for a provider that asks a web site: each of its answers ends in the right error."""

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

    def not_now(self) -> NotNow:
        with pytest.raises(NotNow) as told:
            self.provider.fetch(MONDAY, NOW)
        assert SECRET not in str(told.value)
        return told.value

    @pytest.mark.parametrize("status", [401, 403, 404])
    def test_who_is_refused_is_told_so(self, status: int) -> None:
        self.stub.always(Answer(b'{"error": "no"}', status))
        assert str(status) in str(self.refused())

    @pytest.mark.parametrize("status", [500, 502, 503])
    def test_a_site_that_fails_is_asked_again(self, status: int) -> None:
        self.stub.always(Answer(b"oops", status))
        error = self.not_now()
        assert str(status) in str(error)
        assert error.seconds is None

    def test_a_site_that_asks_for_patience_is_told_for_how_long(self) -> None:
        self.stub.always(Answer(b"", 429, {"Retry-After": "77"}))
        assert self.not_now().seconds == 77.0

    def test_a_site_may_name_the_time_to_come_back(self) -> None:
        later = format_datetime((NOW + timedelta(minutes=2)).astimezone(UTC), usegmt=True)
        self.stub.always(Answer(b"", 429, {"Retry-After": later}))
        assert self.not_now().seconds == 120.0

    def test_a_page_for_people_is_no_answer(self) -> None:
        self.stub.always(Answer(b"<!DOCTYPE html><html><body>We will be back</body></html>"))
        self.not_now()

    def test_half_an_answer_is_no_answer(self) -> None:
        self.stub.always(Answer(self.body(WEEK)[:40]))
        with pytest.raises((NotNow, InvalidInput)):
            self.provider.fetch(MONDAY, NOW)

    def body(self, prices: dict[date, float]) -> bytes:
        """What the site sends for these prices."""
        raise NotImplementedError

    def gives(self, prices: dict[date, float]) -> None:
        self.stub.always(Answer(self.body(prices)))

    def test_an_answer_that_breaks_off_is_no_answer(self) -> None:
        self.stub.always(Answer(self.body(WEEK), breaks_off=True))
        self.not_now()

    def test_a_site_that_drips_is_left(self) -> None:
        self.set_up(IMPATIENCE_SECONDS)
        self.stub.always(Answer(self.body(WEEK) + b"\n" * 1000, drips=True))
        self.not_now()

    def test_a_site_that_hangs_is_left(self) -> None:
        self.set_up(IMPATIENCE_SECONDS)
        self.stub.always(Answer(hangs=True))
        self.not_now()

    def test_a_redirection_to_another_host_is_not_followed(self) -> None:
        self.elsewhere.always(Answer(self.body(WEEK)))
        self.stub.always(Answer(b"", 302, {"Location": f"{self.elsewhere.url}/login"}))
        assert "127.0.0.1" in str(self.not_now())
        assert self.elsewhere.asked == []

    @pytest.mark.parametrize("bad", [Answer(b"", 403), Answer(b"", 500), Answer(b"<html>")])
    def test_it_recovers_from_an_error_once_the_site_is_well(self, bad: Answer) -> None:
        self.stub.always(bad)
        with pytest.raises((Unavailable, InvalidInput)):
            self.provider.fetch(MONDAY, NOW)
        self.gives(WEEK)
        assert len(self.provider.fetch(MONDAY, NOW)) == len(WEEK)

    def test_nobody_there_is_no_answer(self) -> None:
        self.stub.leave()
        assert "Traceback" not in str(self.not_now())
