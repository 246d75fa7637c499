"""The first row of the dashboard Health: six numbers, each with a verdict."""

from brentwatch.dashboards.board import BoardPanel, ColourLimit, LargeNumbers, PanelQuery, Place, Word

_VERDICTS = (Word(0, "OK", "green"), Word(1, "Watch", "orange"), Word(2, "Act now", "red"))
_GRADES = (ColourLimit(0, "green"), ColourLimit(1, "orange"), ColourLimit(2, "red"))
_HOUR = 3600
_CLOSED = -1
"""Stands for the age of the price while no market is open."""


def _build_vital(
    column: int,
    title: str,
    about: str,
    expr: str,
    *,
    unit: str,
    empty: str,
    watch: float,
    act: float,
    judged: str = "",
    words: tuple[Word, ...] = (),
) -> BoardPanel:
    """One number of the first row, with its verdict.

    The verdict is about the number itself, or about the query `judged`.
    """
    asked = judged or expr
    verdict = f"(({asked}) >= bool {watch:g}) + (({asked}) >= bool {act:g})"
    colours = (ColourLimit(0, "green"), ColourLimit(watch, "orange"), ColourLimit(act, "red"))
    return BoardPanel(
        title=title,
        about=about,
        place=Place(4 * column, 0, 4, 5),
        show=LargeNumbers(filled=True, named=False),
        queries=(
            PanelQuery(expr=expr, legend="now"),
            PanelQuery(expr=verdict, legend="verdict", unit="none", words=_VERDICTS, limits=_GRADES),
        ),
        unit=unit,
        decimals=0,
        limits=(ColourLimit(0, "blue"),) if judged else colours,
        words=words,
        empty=empty,
    )


_SAME = "on (job, instance, instrument)"
_OPEN = f"{_SAME} (brentwatch_market_open == 1)"
_ALL_CLOSED = "(max(brentwatch_market_open) == 0)"
_NOTIFIER_RUNS = '(0 * max(brentwatch_consumer_last_poll_timestamp_seconds{job="notify"}))'
VITALS = (
    _build_vital(
        0,
        "Price age",
        "Time since the newest price bar, of the instrument whose price is oldest. It means something only "
        "while a market is open: otherwise the panel says that the market is closed. Daily prices are up to "
        "three days old on a Monday. Watch: the price of a settled session is awaited for 2 hours. Act now: "
        "for 4 hours.",
        f"max((time() - brentwatch_price_last_bar_timestamp_seconds) and {_OPEN})"
        f" or ({_ALL_CLOSED} + {_CLOSED})",
        judged=f"max((time() - brentwatch_price_awaited_settlement_timestamp_seconds) and {_OPEN})"
        f" or {_ALL_CLOSED}",
        unit="s",
        watch=2 * _HOUR,
        act=4 * _HOUR,
        words=(Word(_CLOSED, "Market closed", "blue"),),
        empty="No price",
    ),
    _build_vital(
        1,
        "Lag",
        "How old the newest record is that was read, of the service and partition that is furthest behind. 0 "
        "when everything is read. Watch from 1 minute, act now from 5 minutes.",
        "max(brentwatch_consumer_lag_seconds)",
        unit="s",
        watch=60,
        act=300,
        empty="No service",
    ),
    _build_vital(
        2,
        "Deliveries waiting",
        "Messages that a channel has not accepted yet, over all channels. Watch: the oldest has waited for 1 "
        "minute. Act now: for 10 minutes.",
        f"sum(brentwatch_outbox_pending) or {_NOTIFIER_RUNS}",
        judged="max((time() - brentwatch_outbox_oldest_pending_timestamp_seconds)"
        " and on (job, instance, channel) (brentwatch_outbox_pending > 0))"
        f" or (0 * sum(brentwatch_outbox_pending)) or {_NOTIFIER_RUNS}",
        unit="short",
        watch=60,
        act=600,
        empty="No notifier",
    ),
    _build_vital(
        3,
        "Dead letters in 1 hour",
        "Messages that could not be read within the last hour: `brentwatch dead list` shows them. Watch from "
        "1, act now from 10.",
        "round(sum(increase(brentwatch_dead_letters_total[1h])))",
        unit="short",
        watch=1,
        act=10,
        empty="No service",
    ),
    _build_vital(
        4,
        "Canary",
        "Time since the newest test record was sent that went the whole way, from the screen to the "
        "notifier, of the instrument for which that is longest ago. One is sent every 5 minutes. Watch from "
        "10 minutes, act now from 20.",
        "time() - min(brentwatch_canary_newest_answered_timestamp_seconds)",
        unit="s",
        watch=600,
        act=1200,
        empty="No answer yet",
    ),
    _build_vital(
        5,
        "Oldest feed",
        "Time since a feed of events was last read, of the feed for which that is longest ago. ACLED and "
        "UCDP are asked every 6 hours, GDELT every minute. Watch: a feed is 5 minutes overdue. Act now: 15 "
        "minutes.",
        "max(time() - brentwatch_feed_last_success_timestamp_seconds)",
        judged="max(time() - brentwatch_feed_due_timestamp_seconds)",
        unit="s",
        watch=300,
        act=900,
        empty="No feed",
    ),
)
