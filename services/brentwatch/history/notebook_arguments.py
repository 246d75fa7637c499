"""Checks the arguments of a notebook that are no tables: names, windows, lengths, switches, instruments."""

from collections.abc import Iterable
from operator import index

from brentwatch.core.domain import KNOWN, Instrument, Window
from brentwatch.core.errors import InvalidInput, SettingsError
from brentwatch.wire.input_faults import show_value

_MOST = 10_000
"""Forty years of sessions: a window that reaches further is a slip of the hand."""


def read_text(name: str, value: object, example: str) -> str:
    """A text argument called `name`.

    Raises:
        InvalidInput: if it is none.
    """
    if not isinstance(value, str):
        raise InvalidInput(
            f"{name} is {show_value(value)}, {_describe_kind(value)}; a name was expected, such as "
            f"{example!r}; give one"
        )
    return str(value)


def read_whole(name: str, value: object) -> int:
    """A whole number; those of numpy too, no fraction and no truth value.

    Raises:
        InvalidInput: if it is none.
    """
    try:
        if not _is_truth(value):
            return index(value)  # type: ignore[arg-type]  # what cannot be one is refused below
    except (TypeError, ValueError):
        pass
    raise InvalidInput(
        f"{name} is {show_value(value)}, {_describe_kind(value)}; a whole number was expected, such as 5; "
        "correct it"
    )


def read_switch(name: str, value: object) -> bool:
    """True or False.

    Raises:
        InvalidInput: if it is neither.
    """
    if not _is_truth(value):
        raise InvalidInput(
            f"{name} is {show_value(value)}, {_describe_kind(value)}; True or False was expected; give one"
        )
    return bool(value)


def read_window(name: str, value: object) -> Window:
    """A window from a pair of whole numbers, both ends inclusive.

    Raises:
        InvalidInput: if it is none; with every fault.
    """
    ends = [value.start, value.end] if isinstance(value, Window) else _list_items(value)
    if ends is None or len(ends) != 2:
        raise InvalidInput(
            f"{name} is {show_value(value)}; a first and a last tau were expected, such as (0, 1); give both"
        )
    start, end = (read_whole(f"an end of {name}", each) for each in ends)
    if max(abs(start), abs(end)) > _MOST:
        raise InvalidInput(
            f"{name} is [{start}, {end}]; ends within {_MOST:,} sessions were expected; [0, 1] is usual"
        )
    return Window(start, end)


def read_windows(name: str, value: object) -> tuple[Window, ...]:
    """One or more windows, each once.

    Raises:
        InvalidInput: if there is none, or one window stands where a list of them belongs.
    """
    windows = _list_items(value)
    if isinstance(value, Window) or (
        windows and not any(_list_items(each) or _is_window(each) for each in windows)
    ):
        raise InvalidInput(
            f"{name} is {show_value(value)}, one window; a list of windows was expected; give "
            f"[{_format_pair(value)}]"
        )
    if not windows:
        raise InvalidInput(
            f"{name} is {show_value(value)}; one window or more was expected, such as [(0, 0)]"
        )
    return tuple(dict.fromkeys(read_window(f"a window of {name}", each) for each in windows))


def read_names(name: str, value: object, example: str) -> tuple[str, ...]:
    """One or more names, each once.

    Raises:
        InvalidInput: if there is none, or one name stands where a list of them belongs.
    """
    if isinstance(value, str):
        raise InvalidInput(f"{name} is {show_value(value)}, one name; a list was expected; give [{value!r}]")
    names = _list_items(value)
    if not names:
        raise InvalidInput(
            f"{name} is {show_value(value)}; one name or more was expected, such as [{example!r}]; give them"
        )
    return tuple(dict.fromkeys(read_text(f"one of {name}", each, example) for each in names))


def read_instrument(value: object) -> Instrument:
    """The instrument of that name, or the one that is given: it says which days are sessions.

    Raises:
        InvalidInput: if it is neither a name nor an instrument.
        SettingsError: if no instrument has that name.
    """
    if isinstance(value, Instrument):
        return value
    name = read_text("instrument", value, "brent-spot")
    if name not in KNOWN:
        raise SettingsError(
            f"no instrument is called {name!r}; one of {', '.join(KNOWN)} was expected, or an Instrument of "
            "brentwatch.core.domain.instrument; give one"
        )
    return KNOWN[name]


def _list_items(value: object) -> list[object] | None:
    """What a list, a tuple, an array or another collection holds; None for all else, also for a text."""
    if isinstance(value, str | bytes) or not hasattr(value, "__iter__"):
        return None
    items: Iterable[object] = value
    try:
        return list(items)
    except TypeError:  # an array without dimensions
        return None


def _is_window(value: object) -> bool:
    return isinstance(value, Window)


def _format_pair(value: object) -> str:
    window = (value.start, value.end) if isinstance(value, Window) else tuple(_list_items(value) or ())
    return show_value(window)


def _is_truth(value: object) -> bool:
    return isinstance(value, bool) or type(value).__name__ in ("bool", "bool_")


def _describe_kind(value: object) -> str:
    return f"a {type(value).__name__}"
