"""The providers of one series, in their order: the first that answers is taken, one that failed rests.

A provider rests as long as it asked to be left alone, or ever longer after each failure in a row, with chance
in it, so that many do not come back at the same moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from brentwatch.core.errors import InvalidInput, SettingsError
from brentwatch.prices.plan import Fetched
from brentwatch.prices.provider import NotNow
from brentwatch.web.faults import NoAnswer, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from brentwatch.prices.provider import Provider

UNUSABLE = "invalid"
OUTCOMES = ("answered", *Reason, UNUSABLE)
"""What becomes of asking a provider: prices, why there are none, or something that can never be used."""

_MOST_DOUBLINGS = 30
_LEAST_SHARE = 0.75


@dataclass(frozen=True, slots=True)
class Asking:
    """A provider is asked."""

    provider: str


@dataclass(frozen=True, slots=True)
class Answered:
    """A provider answered with so many quotes."""

    provider: str
    quotes: int


@dataclass(frozen=True, slots=True)
class Failed:
    """A provider gave no prices, for a reason of `OUTCOMES` and as `told`, and rests so many seconds."""

    provider: str
    reason: str
    told: str
    seconds: float


@dataclass(frozen=True, slots=True)
class FellBack:
    """A provider stands in for those before it, for these reasons."""

    provider: str
    reasons: tuple[str, ...]


ChainFact = Asking | Answered | Failed | FellBack


class Backoff:
    """How long to wait after so many failures in a row: twice as long each time, up to `longest` seconds."""

    def __init__(self, first: float, longest: float, chance: Random | None = None) -> None:
        self._first, self._longest = first, longest
        self._chance = chance or Random()  # noqa: S311 - not a secret

    def seconds(self, failures: int) -> float:
        """After the first failure three quarters of `first` to the whole of it, and so on."""
        whole = min(self._longest, self._first * 2.0 ** min(max(failures - 1, 0), _MOST_DOUBLINGS))
        return whole * self._chance.uniform(_LEAST_SHARE, 1.0)


class Resting:
    """One provider, and until when it is left alone."""

    def __init__(self, name: str, provider: Provider) -> None:
        self.name, self.provider = name, provider
        self.until = datetime.min.replace(tzinfo=UTC)
        self.failures = 0
        self.reason = ""


class Chain:
    """Hand the providers of one series, by name, in their order; `tell` is told what becomes of each."""

    def __init__(
        self,
        providers: Sequence[tuple[str, Provider]],
        backoff: Backoff,
        tell: Callable[[ChainFact], object],
    ) -> None:
        self._members = [Resting(name, provider) for name, provider in providers]
        self._backoff = backoff
        self._tell = tell

    def fetch(self, since: date, now: datetime) -> Fetched:
        """What the first provider gives that answers.

        Raises:
            NotNow: if none does, with the seconds until the first is to be asked again.
        """
        reasons: list[str] = []
        for member in self._members:
            if member.until <= now and (fetched := self._ask(member, since, now)):
                if reasons:
                    self._tell(FellBack(member.name, tuple(reasons)))
                return fetched
            reasons.append(f"{member.name}: {member.reason}")
        first = min(member.until for member in self._members)
        raise NotNow("; ".join(reasons), (first - now).total_seconds())

    def _ask(self, member: Resting, since: date, now: datetime) -> Fetched | None:
        self._tell(Asking(member.name))
        try:
            quotes = member.provider.fetch(since, now)
        except (NoAnswer, InvalidInput, SettingsError) as error:
            self._rest(member, error, now)
            return None
        member.failures = 0
        self._tell(Answered(member.name, len(quotes)))
        return Fetched(member.name, now, quotes)

    def _rest(self, member: Resting, error: NoAnswer | InvalidInput | SettingsError, now: datetime) -> None:
        member.failures += 1
        seconds = self._backoff.seconds(member.failures)
        if isinstance(error, NoAnswer) and error.retry_after is not None:
            seconds = max(seconds, error.retry_after)
        member.until, member.reason = now + timedelta(seconds=seconds), str(error)
        reason = error.reason if isinstance(error, NoAnswer) else UNUSABLE
        self._tell(Failed(member.name, reason, member.reason, seconds))
