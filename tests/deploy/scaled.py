"""The committed rules and configurations with every time divided, so that a test sees hours pass in minutes.

Three kinds of time stand in them: values of keys such as `for: 5m`, ranges such as `[15m]`, and thresholds in
seconds, which the rules write in minutes: `> 10 * 60`. Counts, ratios and buckets of histograms stay.
"""

from __future__ import annotations

import re

_UNITS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_KEYS = (
    *("for", "interval", "scrape_interval", "evaluation_interval"),
    *("group_wait", "group_interval", "repeat_interval"),
)
_OF_A_KEY = re.compile(rf"(?m)^(\s*(?:- )?(?:{'|'.join(_KEYS)}): )(\d+)([smhd])$")
_RANGE = re.compile(r"(\[)(\d+)([smhd])(?=\])")
_A_MINUTE = re.compile(r"\* 60$", re.MULTILINE)


def scale_times(text: str, divisor: int) -> str:
    """The text of a file under `deploy/` with every time divided by `divisor`, in milliseconds."""

    def divide(found: re.Match[str]) -> str:
        before, number, unit = found.groups()
        return f"{before}{int(number) * _UNITS[unit] // divisor}ms"

    text = _RANGE.sub(divide, _OF_A_KEY.sub(divide, text))
    return _A_MINUTE.sub(f"* {60 / divisor:g}", text)
