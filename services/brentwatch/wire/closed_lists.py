"""Words of a closed list as people write them: any case, with spaces or hyphens for the underscore."""

from enum import StrEnum
from typing import TypeVar

from brentwatch.core.domain import EventClass
from brentwatch.core.errors import InvalidInput
from brentwatch.wire.input_faults import show_value

AnyWord = TypeVar("AnyWord", bound=StrEnum)


def read_event_class(text: str) -> EventClass:
    """The class of that name, such as `armed_clash` for "Armed clash" or "ARMED-CLASH".

    Raises:
        InvalidInput: if there is none; the message lists all classes.
    """
    return read_word("event_class", text, EventClass)


def read_word(field: str, text: str, words: type[AnyWord]) -> AnyWord:
    """The member of `words` that the text names; `field` is what the message calls it.

    Raises:
        InvalidInput: if there is none; the message lists them.
    """
    wanted = "_".join(text.casefold().replace("-", " ").replace("_", " ").split())
    for word in words:
        if word.value == wanted:
            return word
    raise InvalidInput(f"{field} is {show_value(text)}; expected one of {', '.join(words)}: correct it")
