"""Read how an office's own duty tables are laid out, so that rows can be written to fit them."""

from collections.abc import Iterable
from dataclasses import dataclass

from layers.columns import plain
from layers.layout import HEADERS, known, laid_out
from layers.sources import Source
from layers.tables import Known, read_tables


@dataclass(frozen=True)
class Form:
    """The columns of one table in its order, which is what, and what they say by themselves.

    `fields` are those of a duty row, field to header. `role`, `level` and `kind` are what the
    headers or the project's settings say of every row, '' where they leave it open.
    """

    file: str
    headers: tuple[str, ...]
    fields: dict[str, str]
    role: str
    level: str
    kind: str


def forms(sources: Iterable[Source]) -> list[Form]:
    """Return the duty tables with one column of holders, in the order of their files.

    A table with a column a level is none: an empty cell in it says that the post is vacant, so
    that a row about one level could not be added to it without saying something of the others.
    Nor is a sheet that speaks of one area only.
    """
    found = []
    for source in sources:
        if source.kind != "duties":
            continue
        told = {plain(name) for name in source.columns.values()}
        sheets, _ = read_tables(
            source.path,
            source.file,
            _known(told),
            wanted=HEADERS,
            encoding=source.encoding,
        )
        for sheet in sheets:
            layout = laid_out(sheet, source)
            if len(layout.posts) != 1 or layout.area:
                continue
            only = layout.posts[0]
            named = {"holder": only.holder, "unit": only.unit}
            found.append(
                Form(
                    file=sheet.file,
                    headers=tuple(map(str, sheet.cells.columns)),
                    fields=layout.column | {field: name for field, name in named.items() if name},
                    role=only.role,
                    level=only.level,
                    kind=layout.kind,
                )
            )
    return found


def _known(told: set[str]) -> Known:
    return lambda header: header in told or known(header)
