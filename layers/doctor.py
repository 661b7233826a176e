"""Examine a project: what each file was read as, and everything that is wrong with it."""

from dataclasses import dataclass

import pandas as pd

from geo.schema import Files, Rejects
from geo.study import Inputs
from layers.faults import line


@dataclass(frozen=True)
class Examination:
    """The findings of the data doctor; `errors` and `warnings` have the columns of REJECTS."""

    files: Files
    errors: Rejects
    warnings: Rejects

    @property
    def healthy(self) -> bool:
        """Return whether nothing was left unused because of a fault."""
        return not len(self.errors)

    def as_json(self) -> dict[str, list[dict[str, object]]]:
        """Return what `check --format json` prints."""
        facts = ["path", "kind", "rows", "used", "rejected", "encoding", "crs", "datum"]
        entry = ["rule", "file", "row", "column", "message"]
        return {
            "files": _records(self.files[facts]),
            "errors": _records(self.errors[entry]),
            "warnings": _records(self.warnings[entry]),
        }

    def lines(self) -> list[str]:
        """Return one line a fault, errors first: `file(row,column): wanted ... came ... do ...`."""
        both = pd.concat([self.errors, self.warnings])
        columns = (both[name] for name in ("file", "row", "column", "message"))
        return [line(*values) for values in zip(*columns, strict=True)]


def examine(inputs: Inputs, more: Rejects | None = None) -> Examination:
    """Return the examination of what was read; `more` are rejects a study found afterwards.

    `more` may repeat those of `inputs`; each fault is told once, in the order of files and rows.
    """
    rejects = inputs.rejects if more is None else pd.concat([inputs.rejects, more])
    rejects = rejects.drop_duplicates().sort_values(["file", "row", "column"], kind="stable")
    severe = rejects["severity"] == "error"
    errors, warnings = rejects[severe], rejects[~severe]
    return Examination(
        inputs.files,
        Rejects(errors.reset_index(drop=True)),
        Rejects(warnings.reset_index(drop=True)),
    )


def _records(frame: pd.DataFrame) -> list[dict[str, object]]:
    columns = {name: frame[name].tolist() for name in frame.columns}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
