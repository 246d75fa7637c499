"""The page of a study by the monitor's forecasts: one HTML file to forward, without scripts or links.

The normal range and the move of each line are drawn beside the figures, on one scale. On a phone a line
becomes a block.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from pathlib import Path

from brentwatch import __version__
from brentwatch.commands.study.impact_results import ImpactRun
from brentwatch.commands.study.impact_words import (
    ImpactLine,
    describe_error_rate,
    describe_method,
    list_lines,
)
from brentwatch.core.domain import ConfounderKind, Found
from brentwatch.core.errors import InvalidInput
from brentwatch.core.impact.impacts import MoveVerdict
from brentwatch.message import figures
from brentwatch.message.foreign import clean

_WIDTH, _HEIGHT, _MARGIN = 220.0, 22.0, 8.0
_COLOURS = {MoveVerdict.ABNORMAL: "#b3401f", MoveVerdict.OUTSIDE: "#b3401f", MoveVerdict.NORMAL: "#23476b"}
_CLASSES = {MoveVerdict.ABNORMAL: "abnormal", MoveVerdict.OUTSIDE: "outside", MoveVerdict.NORMAL: "normal"}
_SHORTEST = 0.01
"""The scale reaches at least 1 % to each side."""

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;color:#1b2733;max-width:62rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem;line-height:1.25;margin:0 0 .25rem}h2{font-size:1.1rem;margin:2rem 0 .5rem}
p,li{max-width:46rem}.source,footer{color:#5c6975}footer{margin-top:2rem;font-size:.85rem}
table{border-collapse:collapse;width:100%;margin-top:1.25rem}
th,td{text-align:left;padding:.4rem .6rem .4rem 0;vertical-align:middle}
th{font-weight:600;border-bottom:2px solid #c9d1d9}tr.first td{border-top:1px solid #c9d1d9}
tbody tr.first:first-child td{border-top:0}td.number{white-space:nowrap;font-variant-numeric:tabular-nums}
td.event{font-weight:600}td.verdict{min-width:6.5em}
.abnormal td.verdict,.key.abnormal{color:#b3401f;font-weight:700}
.outside td.verdict,.key.outside{color:#b3401f}svg{display:block}td.chart{width:220px}
@media(max-width:60rem){thead{display:none}table,tbody,tr,td{display:block}
tr{padding:.5rem 0}tr.first{border-top:1px solid #c9d1d9}tr.first td{border:0}td{padding:.1rem 0}
td.number::before,td.verdict::before{content:attr(data-label) ": ";color:#5c6975;font-weight:400}
td:empty{display:none}td.chart{width:auto}svg{width:100%;max-width:22rem;height:auto}}
"""


def write_page(run: ImpactRun, path: Path, section: Iterable[str] = ()) -> None:
    """Write the page to a file, with a section above the events.

    Raises:
        InvalidInput: if the file cannot be written.
    """
    try:
        path.write_text(build_page(run, section), encoding="utf-8")
    except OSError as error:
        raise InvalidInput(
            f"{path} cannot be written ({error.strerror}); expected a file in a folder that exists; correct "
            "the path of --html"
        ) from error


def build_page(run: ImpactRun, section: Iterable[str] = ()) -> str:
    """The page as a text; whatever comes from a file is escaped. `section` is HTML for above the events."""
    lines = list(list_lines(run.impacts))
    title = _write_title(run)
    page = "\n".join(
        (
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta http-equiv="Content-Security-Policy" '
            "content=\"default-src 'none'; style-src 'unsafe-inline'\">",
            f"<title>{title}</title>",
            f"<style>{_STYLE}</style>",
            "</head>",
            "<body>",
            f"<h1>{title}</h1>",
            f'<p class="source">{escape(describe_method(run))} Prices from {_date(run.impacts.first)} to '
            f"{_date(run.impacts.last)}.</p>",
            *section,
            *_write_table(lines),
            *_write_key(run),
            *_write_limits(run),
            *_write_list("Also recorded in these sessions", _list_confounders(run)),
            *_write_list("Events without a result", _list_refused(run)),
            f"<footer>Made with brentwatch {escape(__version__)}.</footer>",
            "</body>",
            "</html>",
            "",
        )
    )
    return page.replace(" %", "\N{NO-BREAK SPACE}%")


def _write_title(run: ImpactRun) -> str:
    count = len({each.event for each in run.impacts.found})
    what = "the event" if count == 1 else figures.format_count(count, "event")
    return f"{escape(run.impacts.instrument.label)} after {what}"


def _date(session: object) -> str:
    return escape(str(session))


def _write_table(lines: Sequence[ImpactLine]) -> Iterator[str]:
    reach = _find_reach(lines)
    yield "<table>"
    yield (
        "<thead><tr><th>Event</th><th>Session</th><th>Move</th><th>Normal range (95 %)</th><th></th>"
        "<th>p</th><th>Verdict</th></tr></thead>"
    )
    yield "<tbody>"
    for line in lines:
        yield _write_row(line, reach)
    yield "</tbody></table>"


def _write_row(line: ImpactLine, reach: float) -> str:
    kind = "" if line.verdict is None else _CLASSES[line.verdict]
    first = "first " if line.event else ""
    cells = (
        f'<td class="event">{escape(line.event)}</td>',
        f'<td class="number" data-label="Session">{escape(line.sessions)}</td>',
        f'<td class="number" data-label="Move">{escape(line.move)}</td>',
        f'<td class="number" data-label="Normal range (95 %)">{escape(line.normal)}</td>',
        f'<td class="chart">{_draw(line, reach)}</td>',
        f'<td class="number" data-label="p">{escape(line.p)}</td>',
        f'<td class="verdict" data-label="Verdict">{escape(line.verdict or "no test: " + line.reason)}</td>',
    )
    return f'<tr class="{first}{kind}">{"".join(cells)}</tr>'


def _find_reach(lines: Sequence[ImpactLine]) -> float:
    """How far the scale reaches to each side of no move, in percent."""
    ends = [
        abs(figures.convert_to_percent(value))
        for line in lines
        if line.found is not None
        for value in (line.found.total, *line.found.normal_range)
    ]
    return max(ends, default=0.0) or 100.0 * _SHORTEST


def _draw(line: ImpactLine, reach: float) -> str:
    """The normal range as a bar and the move as a mark: a dot inside it, a triangle outside it."""
    if line.found is None or line.verdict is None:
        return ""
    low, high = (_scale(each, reach) for each in line.found.normal_range)
    middle = _HEIGHT / 2.0
    zero = _WIDTH / 2.0
    return (
        f'<svg viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" width="{_WIDTH:g}" height="{_HEIGHT:g}" role="img" '
        f'aria-label="{escape(line.move)}, normal {escape(line.normal)}">'
        f'<rect x="{low:.1f}" y="{middle - 5:g}" width="{high - low:.1f}" height="10" fill="#d5dde5"/>'
        f'<line x1="{zero:g}" y1="2" x2="{zero:g}" y2="{_HEIGHT - 2:g}" stroke="#5c6975" stroke-width="0.7"/>'
        f"{_draw_mark(line.found, line.verdict, _scale(line.found.total, reach), middle)}</svg>"
    )


def _draw_mark(found: Found, verdict: MoveVerdict, x: float, y: float) -> str:
    colour = _COLOURS[verdict]
    if verdict is MoveVerdict.NORMAL:
        return f'<circle cx="{x:.1f}" cy="{y:g}" r="4.5" fill="{colour}"/>'
    tip = 6.0 if found.total > found.expected else -6.0
    points = f"{x + tip:.1f},{y:g} {x - tip:.1f},{y - 6:g} {x - tip:.1f},{y + 6:g}"
    fill = colour if verdict is MoveVerdict.ABNORMAL else "#ffffff"
    return f'<polygon points="{points}" fill="{fill}" stroke="{colour}" stroke-width="1.5"/>'


def _scale(log_return: float, reach: float) -> float:
    share = figures.convert_to_percent(log_return) / reach
    return _WIDTH / 2.0 + share * (_WIDTH / 2.0 - _MARGIN)


def _write_key(run: ImpactRun) -> Iterator[str]:
    level = figures.format_level(run.impacts.level)
    yield "<h2>How to read it</h2><ul>"
    yield (
        "<li>Each row compares a move with its normal range, which was forecast at the settlement before and "
        "holds 95 of 100 moves if nothing happens. The grey bar is the range, the mark is the move.</li>"
    )
    yield f'<li><span class="key abnormal">abnormal</span> (full triangle): p is {level} or less.</li>'
    yield (
        '<li><span class="key outside">outside the normal range</span> (open triangle): a move seen in about '
        f"5 of 100 ordinary sessions, with p above {level}.</li>"
    )
    yield "<li>normal (dot): within the range.</li>"
    if any(each.date_only for each in run.impacts.found):
        yield (
            "<li>“or” names the next session: the time of day of that event is unknown, so the news may "
            "belong to it.</li>"
        )
    yield f"<li>{escape(describe_error_rate(run).replace('`', ''))}</li></ul>"


def _write_limits(run: ImpactRun) -> Iterator[str]:
    found = [each.windows[0].result for each in run.impacts.found]
    sizes = sorted(each.mde_alert for each in found if isinstance(each, Found))
    yield "<h2>What it does not say</h2><ul>"
    yield (
        "<li>It does not say that the event caused the move. Other news of the same session counts as "
        "well.</li>"
    )
    if sizes:
        reach = " to ".join(dict.fromkeys(figures.format_size(each) for each in (sizes[0], sizes[-1])))
        yield (
            f"<li>“Normal” does not mean no effect. In one session the test finds an effect of {reach} four "
            "times in five, and can miss a smaller one.</li>"
        )
    yield "<li>A move that is picked because it is abnormal tends to be overestimated.</li>"
    yield (
        "<li>With many events or windows, some are abnormal by chance: one in a hundred at a level of "
        "0.01.</li></ul>"
    )


def _list_confounders(run: ImpactRun) -> Iterator[str]:
    told = (
        f"{figures.format_day(each.session, year=True)}: {each.text}"
        for impact in run.impacts.found
        for window in impact.windows
        for each in window.confounders
        if each.kind is not ConfounderKind.WEEKLY_REPORT
    )
    yield from dict.fromkeys(told)


def _list_refused(run: ImpactRun) -> Iterator[str]:
    yield from (f"{clean(event)}: {reason}" for event, reason in run.impacts.refused.items())
    yield from run.events.unreadable


def _write_list(title: str, items: Iterator[str]) -> Iterator[str]:
    told = list(items)
    if told:
        yield f"<h2>{escape(title)}</h2><ul>"
        yield from (f"<li>{escape(clean(each))}</li>" for each in told)
        yield "</ul>"
