"""What the buttons below an alert carry, and what it means when one is pressed."""

import re

from brentwatch.wire.deliveries import AnswerKind

_BUTTON = re.compile(r"(ack|useful|false):([A-Za-z0-9._-]{1,57})")

_ANSWERS = {"ack": AnswerKind.ACKNOWLEDGE, "useful": AnswerKind.USEFUL, "false": AnswerKind.FALSE_ALARM}
LABELS = {"ack": "Acknowledge", "useful": "Useful", "false": "False alarm"}
"""The words of each button, by the beginning of what it carries."""


def build_buttons(thread: str) -> dict[str, str]:
    """What the buttons below a message carry, by their words; none where the thread is too long for them.

    Telegram takes 64 bytes a button.
    """
    carried = {label: f"{name}:{thread}" for name, label in LABELS.items()}
    return carried if all(map(_BUTTON.fullmatch, carried.values())) else {}


def parse_button(carried: str) -> tuple[AnswerKind, str] | None:
    """The kind of answer and the thread; None where a button carries something else."""
    found = _BUTTON.fullmatch(carried)
    return (_ANSWERS[found[1]], found[2]) if found else None
