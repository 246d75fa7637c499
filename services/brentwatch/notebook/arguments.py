"""Checks the arguments that are no tables: names, windows, lengths, switches, instruments."""

from collections.abc import Collection, Iterable
from difflib import get_close_matches
from functools import partial
from operator import index

from brentwatch.core.domain import KNOWN, Instrument, Window
from brentwatch.core.errors import InvalidInput
from brentwatch.wire.input_faults import Faults, show_value

_MOST = 10_000
"""Forty years of sessions: a window that reaches further is a mistake."""

_MOST_SHOWN = 12


def suggest_name(value: str, known: Collection[str]) -> str:
    """The end of an error about an unknown name: the closest known name, or what to do."""
    close = get_close_matches(value.casefold(), {name.casefold(): name for name in known}, n=1, cutoff=0.5)
    originals = {name.casefold(): name for name in known}
    return f"did you mean {originals[close[0]]!r}?" if close else "give one of these"


def list_names(known: Collection[str], most: int = _MOST_SHOWN) -> str:
    """The names for a sentence: the first of them, and how many more there are."""
    shown = ", ".join(list(known)[:most])
    more = len(known) - most
    return f"{shown} and {more:,} more" if more > 0 else shown


def read_choice(name: str, value: object, known: Collection[str], hint: str = "") -> str:
    """A text argument called `name` that is one of `known`; a `hint` follows the error.

    Raises:
        InvalidInput: if it is no text or not one of them.
    """
    given = read_text(name, value, next(iter(known)))
    if given not in known:
        raise InvalidInput(
            f"{name} is {show_value(given)}; expected one of {list_names(known)}; "
            f"{suggest_name(given, known)}{hint}"
        )
    return given


def read_choices(name: str, value: object, known: Collection[str]) -> tuple[str, ...]:
    """One or more of `known`, each once; a single name counts as a list of one.

    Raises:
        InvalidInput: if there is none, or one is not known; with every fault.
    """
    items = [value] if isinstance(value, str) else list_items(value)
    if not items:
        raise InvalidInput(
            f"{name} is {show_value(value)}; expected one name or more, such as "
            f"{next(iter(known))!r}; give one"
        )
    faults = Faults()
    found = [faults.attempt(partial(read_choice, name, each, known)) for each in items]
    if faults:
        raise faults.build_error()
    return tuple(dict.fromkeys(each for each in found if each is not None))


def read_text(name: str, value: object, example: str) -> str:
    """A text argument called `name`.

    Raises:
        InvalidInput: if it is no text.
    """
    if not isinstance(value, str):
        raise InvalidInput(
            f"{name} is {show_value(value)}, {_describe_kind(value)}; expected a name such as {example!r}; "
            "give one"
        )
    return str(value)


def read_whole(name: str, value: object) -> int:
    """A whole number, also one of NumPy; a fraction or a truth value is refused.

    Raises:
        InvalidInput: if it is no whole number.
    """
    try:
        if not _is_truth(value):
            return index(value)  # type: ignore[arg-type]  # anything else is refused below
    except (TypeError, ValueError):
        pass
    raise InvalidInput(
        f"{name} is {show_value(value)}, {_describe_kind(value)}; expected a whole number such as 5; "
        "correct it"
    )


def read_switch(name: str, value: object) -> bool:
    """True or False.

    Raises:
        InvalidInput: if it is neither.
    """
    if not _is_truth(value):
        raise InvalidInput(
            f"{name} is {show_value(value)}, {_describe_kind(value)}; expected True or False; give one"
        )
    return bool(value)


def read_window(name: str, value: object) -> Window:
    """A window from a pair of whole numbers, both ends inclusive.

    Raises:
        InvalidInput: if it is none; with every fault.
    """
    ends = [value.start, value.end] if isinstance(value, Window) else list_items(value)
    if ends is None or len(ends) != 2:
        raise InvalidInput(
            f"{name} is {show_value(value)}; expected the first and the last session, such as (0, 1); "
            "give both"
        )
    start, end = (read_whole(f"an end of {name}", each) for each in ends)
    if max(abs(start), abs(end)) > _MOST:
        raise InvalidInput(
            f"{name} is [{start}, {end}]; expected ends within {_MOST:,} sessions of the event; give "
            "shorter ones, such as (0, 1)"
        )
    return Window(start, end)


def read_windows(name: str, value: object) -> tuple[Window, ...]:
    """One or more windows, each once; a single pair counts as a list of one.

    Raises:
        InvalidInput: if there is none, or one is no window.
    """
    if isinstance(value, Window) or _is_pair(value):
        return (read_window(name, value),)
    windows = list_items(value)
    if not windows:
        raise InvalidInput(
            f"{name} is {show_value(value)}; expected one window or more, such as [(0, 0), (0, 1)]; give them"
        )
    faults = Faults()
    found = [faults.attempt(partial(read_window, f"a window of {name}", each)) for each in windows]
    if faults:
        raise faults.build_error()
    return tuple(dict.fromkeys(window for window in found if window is not None))


def read_instrument(value: object) -> Instrument:
    """The instrument of that name, or the one that is given.

    Raises:
        InvalidInput: if it is neither a known name nor an instrument.
    """
    if isinstance(value, Instrument):
        return value
    own = " (an Instrument of brentwatch.core.domain works too)"
    return KNOWN[read_choice("instrument", value, KNOWN, own)]


def _is_pair(value: object) -> bool:
    """True for (0, 1), False for [(0, 0), (0, 1)]."""
    items = list_items(value)
    return items is not None and len(items) > 0 and not any(_is_window(each) for each in items)


def _is_window(value: object) -> bool:
    return isinstance(value, Window) or list_items(value) is not None


def list_items(value: object) -> list[object] | None:
    """What a list, a tuple, an array or another collection holds; None for all else, also for a text."""
    if isinstance(value, str | bytes) or not hasattr(value, "__iter__"):
        return None
    items: Iterable[object] = value
    try:
        return list(items)
    except TypeError:  # an array without dimensions
        return None


def _is_truth(value: object) -> bool:
    return isinstance(value, bool) or type(value).__name__ in ("bool", "bool_")


def _describe_kind(value: object) -> str:
    return f"a {type(value).__name__}"
