"""An instrument: what is tested."""

from dataclasses import dataclass

from brentwatch.core.domain.analogues import AnalogueSources
from brentwatch.core.domain.own_calibration import OwnCalibration
from brentwatch.core.domain.price_levels import PriceLevels
from brentwatch.core.domain.series import SERIES, Series

_KINDS = (" spot", " front")

DAILY_ALERT_LEVEL = 0.01
"""One false session in a hundred: about 2.5 a year."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """One tested series on one partition of the timeline, which is never given to another instrument.

    `intraday` is the series of its 5-minute bars, or None. With 5-minute bars `alert_level` is 0.006 instead
    of 0.01: the intraday tests use the rest. `intraday_calibration` says how often they were wrong on the
    user's own bars, None without a record. If `alerts` is false, the instrument is tested and shown but opens
    no alert. `price_levels` says whether its alerts may show price levels, and `analogues` which past events
    they show.
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
    analogues: AnalogueSources = AnalogueSources.BUNDLED

    @property
    def label(self) -> str:
        """The name of its price in a table: "Brent" for "Brent spot", without the kind of the series."""
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

WTI_FRONT = Instrument(
    name="wti-front",
    partition=2,
    series=SERIES["wti-front"],
    title="WTI front",
    alert_level=0.006,
    alerts=False,
    intraday=SERIES["wti-front"].five_minutes,
)
"""The front month of WTI on Globex: an extra instrument, tested and shown; by default it opens no alerts."""

KNOWN = {each.name: each for each in (BRENT_SPOT, BRENT_FRONT, WTI_FRONT)}
"""The instruments that a history can name without settings."""
