"""What the buttons below an alert carry, and what it means when one is pressed."""

import re

from brentwatch.notify.messages import Look, Message
from brentwatch.wire.deliveries import AnswerKind

_BUTTON = re.compile(r"(ack|useful|false):([A-Za-z0-9._-]{1,57})")

_ANSWERS = {"ack": AnswerKind.ACKNOWLEDGE, "useful": AnswerKind.USEFUL, "false": AnswerKind.FALSE_ALARM}
LABELS = {"ack": "Acknowledge", "useful": "Useful", "false": "False alarm"}
"""The words of each button, by the beginning of what it carries."""


def build_buttons(message: Message) -> dict[str, str]:
    """What the buttons below an alert carry, by their words; none where its thread is too long for them.

    Telegram takes 64 bytes a button. An alert that is acknowledged, or over, can only be judged; so can a
    heads-up, of which nobody waits for an acknowledgement.
    """
    if message.alert is None:
        return {}
    is_open = message.look not in (Look.ACKNOWLEDGED, Look.CLOSED, Look.HEADS_UP)
    names = [name for name in LABELS if is_open or name != "ack"]
    carried = {LABELS[name]: f"{name}:{message.thread}" for name in names}
    return carried if all(map(_BUTTON.fullmatch, carried.values())) else {}


def parse_button(carried: str) -> tuple[AnswerKind, str] | None:
    """The kind of answer and the thread; None where a button carries something else."""
    found = _BUTTON.fullmatch(carried)
    return (_ANSWERS[found[1]], found[2]) if found else None
