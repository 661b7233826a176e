"""Say which file is to be read as what."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from layers.faults import PatrolmapError


class ProjectError(PatrolmapError):
    """A folder or a `patrolmap.toml` that cannot be used; one line a fault."""


@dataclass(frozen=True)
class Source:
    """One file to read and what the user said of it; '' stands for not told.

    `file` is the path inside the project with /, as it is shown. `columns` maps our field names to
    the file's columns. `highways` are the OpenStreetMap classes read as roads, empty for all.
    """

    path: Path
    file: str
    kind: str
    layer: str = ""
    encoding: str = ""
    datum: str = ""
    crs: str = ""
    time_zone: str = ""
    level: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    highways: tuple[str, ...] = ()

    def inside(self, name: str) -> "Source":
        """Return the source of a file inside this archive."""
        return replace(self, file=f"{self.file}/{name}", layer="")
