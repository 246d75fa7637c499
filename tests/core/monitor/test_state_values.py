"""What is kept of the state, key by key, is the state: put together again, it goes on as before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.desk import FIRST, Desk, at, event, warmed
from tests.core.monitor.test_machine import histories

from brentwatch.core.domain import EventAdmitted
from brentwatch.core.monitor.machine import step
from brentwatch.core.monitor.state_values import assemble_state, list_changes, take_snapshot

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from brentwatch.core.domain import Effect, Signal
    from brentwatch.core.monitor.machine import State
    from brentwatch.core.monitor.state_values import Value


class Keeper:
    """Folds signals in batches, and keeps what each batch changed."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.kept = take_snapshot(state)

    def fold(self, batch: Sequence[Signal]) -> list[Effect]:
        before = self.state
        told: list[Effect] = []
        for signal in batch:
            self.state, effects = step(self.state, signal)
            told += effects
        for saved in list_changes(before, self.state, events_alone(batch)):
            if saved.value is None:
                del self.kept[saved.key]  # nothing is forgotten that was never kept
            else:
                self.kept[saved.key] = saved.value
        return told


def events_alone(batch: Sequence[Signal]) -> Collection[str] | None:
    """The ids of the events of a batch, where it holds nothing else."""
    admitted = [signal.event.event_id for signal in batch if isinstance(signal, EventAdmitted)]
    return set(admitted) if len(admitted) == len(batch) else None


def same(one: dict[str, Value], other: dict[str, Value]) -> bool:
    """Identity goes first: forecasts hold arrays, which do not compare."""
    return one.keys() == other.keys() and all(one[key] is other[key] or one[key] == other[key] for key in one)


@settings(deadline=None, derandomize=True, max_examples=40)
@given(histories, st.lists(st.integers(1, 6), min_size=30, max_size=30))
def test_what_each_batch_changed_adds_up_to_the_whole(history: list[Signal], sizes: list[int]) -> None:
    keeper, place = Keeper(warmed()), 0
    for size in sizes:
        keeper.fold(history[place : place + size])
        place += size

    assert place >= len(history)
    assert same(keeper.kept, take_snapshot(keeper.state))


@settings(deadline=None, derandomize=True, max_examples=40)
@given(histories, st.integers(0, 25))
def test_a_state_from_what_was_kept_goes_on_as_if_nothing_had_been(history: list[Signal], cut: int) -> None:
    keeper = Keeper(warmed())
    keeper.fold(history[:cut])
    again = Keeper(assemble_state(keeper.state.rules, keeper.kept))

    assert again.fold(history[cut:]) == keeper.fold(history[cut:])
    assert same(again.kept, keeper.kept)


def test_an_event_changes_what_it_touches_and_nothing_of_the_others() -> None:
    keeper = Keeper(warmed())

    def touched(more: EventAdmitted) -> list[str]:
        before = keeper.state
        keeper.fold([more])
        return [saved.key for saved in list_changes(before, keeper.state, [more.event.event_id])]

    keeper.fold([event(f"desk:{number:02}", at(FIRST)) for number in range(10)])
    listed = touched(event("desk:one", at(FIRST, 10)))
    (study,) = (key for key in keeper.kept if key.startswith("study:"))
    keeper.fold([event(f"desk:{number:02}", at(FIRST)) for number in range(10, 50)])

    assert listed == ["event:desk:one", f"session:{FIRST}", f"joined:{FIRST}:desk:one", study]
    assert touched(event("desk:two", at(FIRST))) == ["event:desk:two", f"joined:{FIRST}:desk:two"]


def test_what_is_let_go_is_forgotten() -> None:
    desk = Desk()
    desk.tell(event("desk:attack", at(FIRST)))
    forgotten: set[str] = set()
    for number in range(140):
        before = desk.state
        desk.settle(number)
        forgotten |= {saved.key for saved in list_changes(before, desk.state) if saved.value is None}

    kinds = {key.partition(":")[0] for key in forgotten}
    assert kinds == {"event", "joined", "session", "study", "forecasts", "thread"}
    assert f"joined:{FIRST}:desk:attack" in forgotten
    assert [key for key in take_snapshot(desk.state) if f":{FIRST}" in key] == [
        f"bar:{FIRST}",
        f"past:{FIRST}",
    ]
