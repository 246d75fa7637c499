"""Tables for people: as wide as the terminal, and nothing in them is ever cut.

If a table is too wide, its titles are broken at spaces, its prose is folded, and the columns that are left
over follow in a further block with the same key columns. A number with its end cut off would be another
number.
"""

import shutil
from collections.abc import Iterator, Sequence
from textwrap import wrap

from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.table import Column, Table
from rich.text import Text

PIPED_COLUMNS = 110
"""The width of what no terminal shows, the same everywhere; COLUMNS says otherwise."""

_NARROWEST_PROSE = 16


def measure_terminal() -> int:
    """The columns of the terminal, or those that COLUMNS asks for."""
    return shutil.get_terminal_size((PIPED_COLUMNS, 24)).columns


def print_table(drawn: Table, width: int, keys: int = 1) -> None:
    """Print a table to standard output, in blocks of at most `width` columns.

    Args:
        drawn: columns with `no_wrap` hold figures and keys, and stay whole; the others are folded.
        width: of the terminal. A block is wider only where its keys and one column are.
        keys: how many columns, from the left, say what a row is, and are repeated in each block.
    """
    for number, block in enumerate(_split_table(drawn, width, keys)):
        console = Console(
            width=max(width, _measure_width(block, block.columns)), highlight=False, markup=False
        )
        if number:
            console.print()
        console.print(block)


def _split_table(drawn: Table, width: int, keys: int) -> Iterator[Table]:
    first, rest = drawn.columns[:keys], drawn.columns[keys:]
    if _measure_width(drawn, drawn.columns) <= width:
        yield _build_block(drawn, drawn.columns, width, _read_title(drawn))
        return
    begun: list[Column] = []
    title: str | Text | None = _read_title(drawn)
    for column in rest:
        if begun and _measure_width(drawn, [*first, *begun, column], whole_titles=True) > width:
            yield _build_block(drawn, [*first, *begun], width, title)
            begun, title = [], None
        begun.append(column)
    yield _build_block(drawn, [*first, *begun], width, title)


def _build_block(drawn: Table, columns: Sequence[Column], width: int, title: str | Text | None) -> Table:
    made = Table(
        title=title,
        title_justify=drawn.title_justify,
        box=drawn.box,
        padding=drawn.padding,
        pad_edge=drawn.pad_edge,
        show_edge=drawn.show_edge,
    )
    room = _divide_width(drawn, columns, width)
    for column, wide in zip(columns, room, strict=True):
        title_lines = "\n".join(wrap(_strip_style(column.header), wide, break_long_words=False))
        made.add_column(
            Text(title_lines), justify=column.justify, no_wrap=column.no_wrap, overflow="fold", width=wide
        )
    for row in zip(*(list(column.cells) for column in columns), strict=True):
        made.add_row(*(_wrap_cell(cell) for cell in row))
    return made


def _divide_width(drawn: Table, columns: Sequence[Column], width: int) -> list[int]:
    """The width of each column: what it needs, and for prose what the others leave, shared evenly."""
    needs = [_find_least_width(column) for column in columns]
    spare = width - _measure_width(drawn, columns)
    prose = [place for place, column in enumerate(columns) if not column.no_wrap]
    for left, place in zip(range(len(prose), 0, -1), prose, strict=True):
        more = max(0, min(_find_most_width(columns[place]) - needs[place], spare // left))
        needs[place] += more
        spare -= more
    for place, column in enumerate(columns):  # a title on one line, where there is room
        more = max(0, min(cell_len(_strip_style(column.header)) - needs[place], spare))
        needs[place] += more
        spare -= more
    return needs


def _measure_width(drawn: Table, columns: Sequence[Column], *, whole_titles: bool = False) -> int:
    """The width of a table of these columns, each at its narrowest or at the width it was given."""
    _, right, _, left = drawn.padding
    edges = 0 if drawn.pad_edge else left + right
    each = [column.width if column.width is not None else _find_least_width(column) for column in columns]
    if whole_titles:
        each = [
            max(wide, cell_len(_strip_style(column.header)))
            for wide, column in zip(each, columns, strict=True)
        ]
    lines_between = 0 if drawn.box is None else len(columns) - 1
    return sum(each) + len(columns) * (left + right) + lines_between - edges


def _find_least_width(column: Column) -> int:
    words = max((cell_len(word) for word in _strip_style(column.header).split()), default=1)
    return max(
        words, _measure_cells(column) if column.no_wrap else min(_NARROWEST_PROSE, _measure_cells(column))
    )


def _find_most_width(column: Column) -> int:
    return max(_measure_cells(column), cell_len(_strip_style(column.header)))


def _measure_cells(column: Column) -> int:
    lines = (line for cell in column.cells for line in _strip_style(cell).split("\n"))
    return max((cell_len(line) for line in lines), default=1)


def _read_title(drawn: Table) -> str | Text | None:
    return drawn.title if isinstance(drawn.title, str | Text) else None


def _wrap_cell(cell: RenderableType) -> RenderableType:
    return Text(cell) if isinstance(cell, str) else cell


def _strip_style(cell: RenderableType) -> str:
    return cell.plain if isinstance(cell, Text) else str(cell)
