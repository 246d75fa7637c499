"""A number with its unit in a few characters, much as Grafana writes it."""

_SPANS = ((365.25 * 86_400, "years"), (86_400, "days"), (3600, "h"), (60, "min"))
_SIZES = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))
_THOUSANDS = ((1e9, " B"), (1e6, " M"), (1e3, " K"))
_FEW = 10


def format_with_unit(value: float, unit: str, decimals: int | None = None) -> str:
    """Such as `3.2 h`, `12.5 %` or `68.40 USD/bbl`."""
    match unit:
        case "s":
            return _format_seconds(value)
        case "percentunit":
            return f"{_format_plain(100 * value, 1 if decimals is None else decimals)} %"
        case "decbytes":
            return _scale(value, _SIZES, " B", decimals)
        case "short" | "cps":
            return _scale(value, _THOUSANDS, "", decimals) + ("/s" if unit == "cps" else "")
        case "none":
            return _format_plain(value, decimals)
    return f"{_format_plain(value, decimals)} {unit.removeprefix('suffix:')}"


def _format_seconds(value: float) -> str:
    for size, name in _SPANS:
        if abs(value) >= size:
            return f"{value / size:.1f} {name}"
    if abs(value) >= 1 or value == 0:
        return f"{value:.0f} s" if value == int(value) or abs(value) >= _FEW else f"{value:.1f} s"
    return f"{1000 * value:.0f} ms"


def _scale(value: float, steps: tuple[tuple[float, str], ...], small: str, decimals: int | None) -> str:
    for size, name in steps:
        if abs(value) >= size:
            return f"{value / size:.1f}{'' if name.startswith(' ') else ' '}{name}"
    return _format_plain(value, decimals) + small


def _format_plain(value: float, decimals: int | None) -> str:
    if decimals is not None:
        return f"{value:,.{decimals}f}"
    return f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"
