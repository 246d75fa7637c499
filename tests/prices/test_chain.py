"""The first provider that answers is taken; one that failed rests, ever longer, and its reason is told."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest
from tests.prices.desk import Source
from tests.prices.markets import MONDAY, NOW, SPOT, WEEK

from brentwatch.core.errors import BrentwatchError, InvalidInput, SettingsError, Unavailable
from brentwatch.prices.chain import Asking, Chain, ChainFact, Failed, FellBack, ProviderAnswered
from brentwatch.prices.provider import NotNow
from brentwatch.web.failures import Backoff, NoAnswer, Reason

if TYPE_CHECKING:
    from brentwatch.prices.plan import Fetched


def as_it_is(fetched: Fetched) -> Fetched:
    return fetched


def chain(*sources: tuple[str, Source]) -> tuple[Chain, list[ChainFact]]:
    told: list[ChainFact] = []
    return Chain(sources, Backoff(30.0, 3600.0, Random(1).random), told.append), told


def test_the_first_that_answers_is_taken_and_the_others_are_not_asked() -> None:
    first, second = Source(SPOT, WEEK), Source(SPOT, WEEK)
    asked, told = chain(("eia", first), ("fred", second))
    assert asked.fetch(MONDAY, NOW, as_it_is).provider == "eia"
    assert second.asked == []
    assert told == [Asking("eia"), ProviderAnswered("eia", 5)]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (NotNow("gone"), "empty"),
        (NoAnswer(Reason.REFUSED, "no key"), "refused"),
        (InvalidInput("in gallons"), "invalid"),
        (SettingsError("the file of the key is gone"), "invalid"),
    ],
)
def test_another_stands_in_and_the_reason_is_told(error: BrentwatchError, reason: str) -> None:
    asked, told = chain(("eia", Source(SPOT, error=error)), ("fred", Source(SPOT, WEEK)))
    assert asked.fetch(MONDAY, NOW, as_it_is).provider == "fred"
    (failed,) = [each for each in told if isinstance(each, Failed)]
    assert (failed.provider, failed.reason, failed.told) == ("eia", reason, str(error))
    assert told[-1] == FellBack("fred", (f"eia: {error}",))


def test_a_chain_has_a_provider() -> None:
    with pytest.raises(SettingsError, match="has no provider; expected at least one"):
        chain()


def test_an_error_that_nobody_expected_is_a_failure_of_that_provider_alone() -> None:
    error = ZeroDivisionError("nobody expected this")
    asked, told = chain(("eia", Source(SPOT, error=error)), ("fred", Source(SPOT, WEEK)))
    assert asked.fetch(MONDAY, NOW, as_it_is).provider == "fred"
    (failed,) = [each for each in told if isinstance(each, Failed)]
    assert (failed.reason, failed.error) == ("internal", error)
    assert failed.told == "unexpected ZeroDivisionError: 'nobody expected this'"


def test_an_answer_that_cannot_be_used_is_a_failure_of_that_provider_alone() -> None:
    def only_of_fred(fetched: Fetched) -> str:
        if fetched.provider == "eia":
            raise ZeroDivisionError
        return "used"

    asked, told = chain(("eia", Source(SPOT, WEEK)), ("fred", Source(SPOT, WEEK)))
    assert asked.fetch(MONDAY, NOW, only_of_fred) == "used"
    assert [each.reason for each in told if isinstance(each, Failed)] == ["internal"]
    assert [each.provider for each in told if isinstance(each, ProviderAnswered)] == ["fred"]


@pytest.mark.parametrize("error", [MemoryError(), KeyboardInterrupt(), SystemExit(), Unavailable("Kafka")])
def test_what_stops_or_retries_a_service_goes_through(error: BaseException) -> None:
    asked, told = chain(("eia", Source(SPOT, error=error)), ("fred", Source(SPOT, WEEK)))
    with pytest.raises(type(error)):
        asked.fetch(MONDAY, NOW, as_it_is)
    assert told == [Asking("eia")]


@pytest.mark.parametrize("seconds", [1e308, float("inf"), float("nan"), -1e308])
def test_nobody_is_left_alone_for_more_than_a_day(seconds: float) -> None:
    asked, _ = chain(("yahoo", Source(SPOT, error=NotNow("too many", seconds))))
    with pytest.raises(NotNow) as told:
        asked.fetch(MONDAY, NOW, as_it_is)
    assert 0 < (told.value.retry_after or 0) <= 86_400


def test_who_failed_rests_and_is_then_asked_again() -> None:
    first = Source(SPOT, error=NotNow("gone"))
    asked, _ = chain(("eia", first), ("fred", Source(SPOT, WEEK)))
    asked.fetch(MONDAY, NOW, as_it_is)
    first.error, first.prices = None, WEEK
    assert asked.fetch(MONDAY, NOW + timedelta(seconds=20), as_it_is).provider == "fred"
    assert asked.fetch(MONDAY, NOW + timedelta(seconds=31), as_it_is).provider == "eia"


def test_who_asks_for_patience_gets_it() -> None:
    only = Source(SPOT, error=NotNow("too many", 777.0))
    asked, _ = chain(("yahoo", only))
    with pytest.raises(NotNow) as told:
        asked.fetch(MONDAY, NOW, as_it_is)
    assert told.value.retry_after == 777.0
    with pytest.raises(NotNow):
        asked.fetch(MONDAY, NOW + timedelta(seconds=776), as_it_is)
    assert len(only.asked) == 1


def test_one_success_ends_the_row() -> None:
    only = Source(SPOT, error=NotNow("gone"))
    asked, told = chain(("eia", only))
    for later in (0, 60, 180):
        with pytest.raises(NotNow):
            asked.fetch(MONDAY, NOW + timedelta(seconds=later), as_it_is)
    only.error, only.prices = None, WEEK
    asked.fetch(MONDAY, NOW + timedelta(seconds=600), as_it_is)
    only.error = NotNow("gone")
    with pytest.raises(NotNow):
        asked.fetch(MONDAY, NOW + timedelta(seconds=700), as_it_is)
    assert [each.seconds > 60 for each in told if isinstance(each, Failed)] == [False, False, True, False]
