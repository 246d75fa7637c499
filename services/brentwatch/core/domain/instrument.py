"""An instrument: what is tested."""

from dataclasses import dataclass

from brentwatch.core.domain.own_calibration import OwnCalibration
from brentwatch.core.domain.price_levels import PriceLevels
from brentwatch.core.domain.series import SERIES, Series

_KINDS = (" spot", " front")

DAILY_ALERT_LEVEL = 0.01
"""One false session in a hundred: about 2.5 a year."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """One test series on one partition of the timeline, which is never given to another instrument.

    `intraday` is the series of its bars of five minutes, or None: with them `alert_level` is what their tests
    leave of the error that is accepted, .006 of .01. `intraday_calibration` is what they were found to be on
    the user's own bars, None without a record. Where `alerts` is false the instrument is tested and shown,
    and opens no alert. `price_levels` says whether its alerts may show price levels.
    """

    name: str
    partition: int
    series: Series
    title: str = "Brent"
    alert_level: float = DAILY_ALERT_LEVEL
    alerts: bool = True
    intraday: Series | None = None
    intraday_calibration: OwnCalibration | None = None
    price_levels: PriceLevels = PriceLevels.SHOWN

    @property
    def label(self) -> str:
        """What a table calls its price: the title without the kind of the series, "Brent" of "Brent spot"."""
        return next(
            (self.title.removesuffix(kind) for kind in _KINDS if self.title.endswith(kind)), self.title
        )


BRENT_SPOT = Instrument(
    name="brent-spot",
    partition=0,
    series=SERIES["brent-spot"],
    title="Brent spot",
)
"""EIA Europe Brent spot, assessed in London about 16:30: the series of the bundled histories."""

BRENT_FRONT = Instrument(
    name="brent-front",
    partition=1,
    series=SERIES["brent-front"],
    title="Brent front",
    alert_level=0.006,
    intraday=SERIES["brent-front"].five_minutes,
)
"""The front month on Globex, with tests within the session: the instrument of live alerts."""

KNOWN = {each.name: each for each in (BRENT_SPOT, BRENT_FRONT)}
"""The instruments that a history can name without settings."""
