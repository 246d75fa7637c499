"""The figures of a report computed again from raw files, with pandas, NumPy and SciPy alone.

Nothing of the package takes part: prices.csv, events.jsonl and the bundled fits.csv are read as they are.
"""

from __future__ import annotations

import csv
import json
import math
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from scipy import stats

DATA = Path(__file__).parents[3] / "services" / "brentwatch" / "history" / "data"
_LONDON = ZoneInfo("Europe/London")


def read_prices(history: str) -> pd.Series[float]:
    """The closes by session."""
    read = pd.read_csv(DATA / history / "prices.csv", comment="#")
    return pd.Series(
        read.iloc[:, 1].to_numpy(float), [date.fromisoformat(day) for day in read.iloc[:, 0].astype(str)]
    )


@dataclass(frozen=True)
class Placed:
    """An event and its sessions, one or, if only its day is known, two."""

    event_id: str
    sessions: tuple[date, ...]


def place_events(history: str, closes: pd.Series[float]) -> list[Placed]:
    """Each event of the raw file with its sessions; Brent spot settles at 16:30 in London."""
    days, placed = list(closes.index), []
    for line in (DATA / history / "events.jsonl").read_text(encoding="utf-8").splitlines():
        event = json.loads(line)
        known = datetime.fromisoformat(event["known_at"].replace("Z", "+00:00"))
        occurred = event["occurred"]
        by_day = occurred["precision"] == "day"
        bare_date = by_day and occurred["start"] == event["known_at"]
        at = bisect_left(days, known.date())
        if not bare_date:
            while at < len(days) and datetime.combine(days[at], time(16, 30), _LONDON) <= known:
                at += 1
        placed.append(Placed(event["event_id"], tuple(days[at : at + (2 if by_day else 1)])))
    return placed


@dataclass(frozen=True)
class Forecast:
    """What the model of the day before said of a session, and what the session did."""

    move: float
    expected: float
    low: float
    high: float
    z: float
    p: float


def forecast_sessions(closes: pd.Series[float], skipped: set[date]) -> dict[date, Forecast]:
    """Every session from January 2003 on, by the bundled parameters of its month.

    GARCH(1,1) with Student t and a variance factor by calendar days; each tail has a scale and a bend, which
    learn. The return of a session of `skipped` spans several: it is neither tested nor learnt from.
    """
    with (DATA / "fits.csv").open(encoding="utf-8") as file:
        _, *rows = csv.DictReader(file)
    found: dict[date, Forecast] = {}
    for row in rows:
        found.update(_forecast_month(row, closes, skipped))
    return found


def _forecast_month(
    row: dict[str, str], closes: pd.Series[float], skipped: set[date]
) -> Iterator[tuple[date, Forecast]]:
    days, values, month = list(closes.index), closes.to_numpy(), row["month"]
    at = bisect_left(days, date.fromisoformat(row["fitted_through"])) + 1
    mu, omega, alpha, beta, nu, variance = (
        float(row[name]) for name in ("mu", "omega", "alpha", "beta", "nu", "variance")
    )
    calendar = [float(row[name]) for name in ("calendar_1", "calendar_3", "calendar_4")]
    scale = {side: [float(row[f"{side}_log_k"]), float(row[f"{side}_bend"])] for side in ("up", "down")}
    while at < len(days) and str(days[at])[:7] <= month:
        move = math.log(values[at] / values[at - 1])
        if days[at] not in skipped:
            gap = (days[at] - days[at - 1]).days
            factor = calendar[0 if gap < 3 else 1 if gap == 3 else 2]
            if str(days[at])[:7] == month:
                made, tails = _test(move, mu, math.sqrt(variance * factor), nu, scale)
                yield days[at], made
                _learn(scale, tails)
            variance = omega + alpha * (move - mu) ** 2 + beta * variance
        at += 1


def _test(
    move: float, mu: float, sigma: float, nu: float, scale: dict[str, list[float]]
) -> tuple[Forecast, dict[str, float]]:
    unit = sigma * math.sqrt((nu - 2.0) / nu)
    k = {side: math.exp(logarithm) for side, (logarithm, _) in scale.items()}
    tails = {}
    for side, sign in (("up", 1.0), ("down", -1.0)):
        q = stats.t.sf(sign * (move - mu) / (unit * k[side]), nu)
        tails[side] = q if q >= 0.025 else 0.025 * (q / 0.025) ** math.exp(-scale[side][1])
    far = unit * stats.t.ppf(0.975, nu)
    both = math.sqrt((k["up"] ** 2 + k["down"] ** 2) / 2.0)
    nearer = tails["up"] if move >= mu else tails["down"]
    made = Forecast(
        move=move,
        expected=mu,
        low=mu - far * k["down"],
        high=mu + far * k["up"],
        z=(move - mu) / (both * sigma),
        p=min(1.0, 2.0 * nearer),
    )
    return made, tails


def _learn(scale: dict[str, list[float]], tails: dict[str, float]) -> None:
    for side, q in tails.items():
        for place, level in enumerate((0.025, 0.005)):
            moved = scale[side][place] + 0.06 * ((q <= level) - level)
            scale[side][place] = min(0.7, max(-0.7, moved))


@dataclass(frozen=True)
class ClassicalWindows:
    """Abnormal returns around each session that can be studied; rows are sessions, columns tau."""

    ar: pd.DataFrame
    residuals: pd.DataFrame
    estimated: dict[date, np.ndarray]


def study_sessions(closes: pd.Series[float], skipped: set[date], first: int, last: int) -> ClassicalWindows:
    """Constant mean of 120 returns that end 5 sessions before tau `first`, for every possible session."""
    returns = np.diff(np.log(closes.to_numpy()), prepend=0.0)
    days = list(closes.index)
    usable = np.array([place > 0 and day not in skipped for place, day in enumerate(days)])
    ar, residuals, estimated = {}, {}, {}
    for at, day in enumerate(days):
        window = np.arange(at + first, at + last + 1)
        if window[0] < 1 or window[-1] >= len(days) or not usable[window].all():
            continue
        before = np.flatnonzero(usable[: max(window[0] - 5, 0)])[-120:]
        if len(before) == 120:
            past = returns[before]
            ar[day] = returns[window] - past.mean()
            residuals[day] = past - past.mean()
            estimated[day] = before
    columns = list(range(first, last + 1))
    frame = pd.DataFrame.from_dict(ar, orient="index", columns=columns)
    return ClassicalWindows(frame, pd.DataFrame.from_dict(residuals, orient="index"), estimated)
