"""JSON from outside, before any decoder sees it: without a byte order mark, and not nested too deeply.

A decoder recurses into what is nested, and how deep it can go depends on who called it: the same message
could pass in one program and fail in another. So the depth is counted first, without recursion.
"""

from __future__ import annotations

import re
from itertools import accumulate

import msgspec

from brentwatch.wire.dead_letter import DeadLetterReason, InvalidMessage
from brentwatch.wire.faults import show_value

DEEPEST = 64
"""How many objects and arrays may stand inside each other; our own messages need six."""

_MARK = b"\xef\xbb\xbf"
_STRING = re.compile(rb'"(?:[^"\\]++|\\.?)*+"?', re.DOTALL)
_NO_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")
_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}


def is_too_deep(data: bytes) -> bool:
    """True where more than `DEEPEST` objects and arrays stand inside each other."""
    if data.count(b"[") + data.count(b"{") <= DEEPEST:
        return False
    brackets = _STRING.sub(b"", data).translate(None, _NO_BRACKETS)
    return max(accumulate(map(_STEP.__getitem__, brackets)), default=0) > DEEPEST


def check_depth(data: bytes) -> None:
    """Refuse what is nested too deeply.

    Raises:
        InvalidMessage: if it is.
    """
    if is_too_deep(data):
        raise InvalidMessage(
            DeadLetterReason.TOO_DEEP,
            f"the message starts with {show_value(data[:61])} and is nested more than {DEEPEST} levels deep; at "
            f"most {DEEPEST} levels are expected; send the message without the nested part",
        )


def decode_json(data: bytes) -> object:
    """The JSON in a message, of whatever form; a byte order mark before it is ignored.

    Raises:
        InvalidMessage: if it is not JSON, or is nested too deeply.
    """
    check_depth(data)
    try:
        return msgspec.json.decode(data.removeprefix(_MARK))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidMessage(
            DeadLetterReason.NOT_JSON,
            f"the message starts with {show_value(data[:61])} and is not JSON ({error}); "
            "one JSON object in UTF-8 is expected; send it as JSON",
        ) from error
