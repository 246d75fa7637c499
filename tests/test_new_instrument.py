"""A new instrument is settings alone: from a file of its prices to a study, without a broker."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from tests.core.desk import Desk as Fold
from tests.core.desk import event, found
from tests.prices.desk import Desk
from tests.prices.markets import ordinary

from brentwatch.core.monitor.machine import Rules, create_state
from brentwatch.prices.providers.table import load as load_provider
from brentwatch.prices.series import choose_providers, list_series
from brentwatch.settings.load import load
from brentwatch.settings.origins import Sources
from brentwatch.wire.timeline import build_signal

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = """
[instruments.marmalade]
partition = 7
series = "marmalade-dundee"
calendar = "ice"
settlement = "17:15"
time_zone = "Europe/London"
roll = "none"
alerts = true

[prices.series.marmalade-dundee]
providers = ["file"]
delay_minutes = 90
file = { path = "%s" }
"""
LAST, SHOCK = date(2024, 7, 2), date(2024, 7, 3)


def test_a_series_that_nobody_has_heard_of_comes_from_its_file_to_a_study(tmp_path: Path) -> None:
    prices = ordinary("ice", LAST, 520)
    prices[SHOCK] = round(1.1 * prices[LAST], 2)
    rows = [f"{day},{price}" for day, price in prices.items()]
    (tmp_path / "prices.csv").write_text("\n".join(["date,usd_per_bbl", *rows[:-1]]))
    (tmp_path / "desk.toml").write_text(SETTINGS % (tmp_path / "prices.csv").as_posix())
    settings = load(Sources(file=str(tmp_path / "desk.toml")), {}).settings

    (instrument,) = settings.list_instruments()
    ((series, partitions),) = list_series([instrument], settings.prices).items()
    providers = [
        (name, load_provider(name, series, settings.prices))
        for name in choose_providers(series, settings.prices)
    ]
    desk, fold = (
        Desk(series, *providers, backfill_sessions=600),
        Fold(create_state(Rules(instrument=instrument))),
    )
    desk.turn(series.closes_at(LAST) + timedelta(hours=2))
    fold.tell(*map(build_signal, desk.timeline.updates()))
    fold.tell(event("a", datetime.fromisoformat("2024-07-03T09:00Z")))
    told, settles_at = len(desk.timeline.records), series.closes_at(SHOCK)
    (tmp_path / "prices.csv").write_text("\n".join(["date,usd_per_bbl", *rows]))
    desk.turn(settles_at + timedelta(minutes=89))
    assert len(desk.timeline.records) == told, "the price is not seen before the delay that was set"
    desk.turn(settles_at + timedelta(minutes=90))
    fold.tell(*map(build_signal, desk.timeline.updates()[told:]))

    study = fold.headline(SHOCK)
    assert (partitions, study.instrument, study.series) == ((7,), "marmalade", "marmalade-dundee")
    assert settles_at.isoformat() == "2024-07-03T16:15:00+00:00"
    assert found(study).p < instrument.alert_level
    assert [alert.series for alert in fold.alerts()][-1:] == ["marmalade-dundee"]
