"""The providers of one series, in order of preference: the first usable answer is taken.

A failed provider is retried after the time that it asked for, or with exponential back-off and jitter. Any
error of a provider, or of using its answer, is a failure of that provider only: the next one is asked.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from brentwatch.core.errors import InvalidInput, SettingsError, Unavailable
from brentwatch.prices.plan import Fetched
from brentwatch.prices.provider import NotNow, Provider, RowsRejected, describe_error
from brentwatch.web.failures import INTERNAL, UNUSABLE, Backoff, NoAnswer

Used = TypeVar("Used")

"""The outcomes of asking a provider: prices, the reason why there are none, an unusable answer, or an
unexpected error."""

_LONGEST_REST_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True)
class Asking:
    """A provider is being asked."""

    provider: str


@dataclass(frozen=True, slots=True)
class ProviderAnswered:
    """A provider answered with this number of bars."""

    provider: str
    bars: int


@dataclass(frozen=True, slots=True)
class Failed:
    """A provider gave no prices, for `reason` and with the details `told`, and is asked again in `seconds`.

    `reason` is an outcome of the metric `price_fetches_total`.
    `error` is the unexpected error; None for every other reason.
    """

    provider: str
    reason: str
    told: str
    seconds: float
    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class FellBack:
    """A provider replaces those before it, for these reasons."""

    provider: str
    reasons: tuple[str, ...]


ChainFact = Asking | ProviderAnswered | Failed | FellBack | RowsRejected


class Resting:
    """One provider, and when it may be asked again."""

    def __init__(self, name: str, provider: Provider) -> None:
        self.name, self.provider = name, provider
        self.until = datetime.min.replace(tzinfo=UTC)
        self.failures = 0
        self.reason = ""


class Chain:
    """The named providers of one series, in order of preference; each fact is passed to `tell`.

    Raises:
        SettingsError: if there is no provider.
    """

    def __init__(
        self,
        providers: Sequence[tuple[str, Provider]],
        backoff: Backoff,
        tell: Callable[[ChainFact], object],
    ) -> None:
        if not providers:
            raise SettingsError(
                "a price series has no provider; expected at least one: name it in "
                "prices.series.NAME.providers, or leave that setting out to use the default"
            )
        self._members = [Resting(name, provider) for name, provider in providers]
        self._backoff = backoff
        self._tell = tell

    def fetch(self, since: date, now: datetime, use: Callable[[Fetched], Used]) -> Used:
        """The result of `use` for the first answer that it can use.

        Raises:
            NotNow: if there is none, with the seconds until a provider may be asked again.
        """
        reasons: list[str] = []
        for member in self._members:
            if member.until <= now and (used := self._ask(member, since, now, use)):
                if reasons:
                    self._tell(FellBack(member.name, tuple(reasons)))
                return used[0]
            reasons.append(f"{member.name}: {member.reason}")
        first = min(member.until for member in self._members)
        raise NotNow("; ".join(reasons), (first - now).total_seconds())

    def _ask(
        self, member: Resting, since: date, now: datetime, use: Callable[[Fetched], Used]
    ) -> tuple[Used] | None:
        self._tell(Asking(member.name))
        try:
            bars = member.provider.fetch(since, now, self._tell)
            used = use(Fetched(member.name, now, bars))
        except NoAnswer as error:
            self._rest(member, error.reason, error, now, asked_for=error.retry_after)
        except (InvalidInput, SettingsError) as error:
            self._rest(member, UNUSABLE, error, now)
        except (MemoryError, Unavailable):
            raise
        except Exception as error:  # noqa: BLE001 - from outside: an unexpected error costs this answer only
            self._rest(member, INTERNAL, error, now)
        else:
            member.failures = 0
            self._tell(ProviderAnswered(member.name, len(bars)))
            return (used,)
        return None

    def _rest(
        self, member: Resting, reason: str, error: Exception, now: datetime, asked_for: float | None = None
    ) -> None:
        member.failures += 1
        seconds = self._backoff.draw_wait(member.failures)
        if asked_for is not None and asked_for > seconds:
            seconds = min(asked_for, _LONGEST_REST_SECONDS)
        member.until, member.reason = now + timedelta(seconds=seconds), describe_error(error)
        unexpected = error if reason == INTERNAL else None
        self._tell(Failed(member.name, reason, member.reason, seconds, unexpected))
