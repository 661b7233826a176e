"""Find the photos that problems name, so that an internal page can open them where they lie."""

import os
import re
from pathlib import Path, PurePosixPath

import pandas as pd

from layers.faults import PatrolmapError

# One cell may name several; the card of a problem (maps/assets/card.js) parts them in the same way.
_BETWEEN = re.compile(r"[;；,，、|\n]+")
_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp")


def ways(named: "pd.Series[str]", folder: Path, page: Path) -> dict[str, list[str]]:
    """Return the way from the folder of `page` to each photo of `named` that lies in `folder`.

    A way is the names of the folders to go through, `..` for one up, and of the file. A photo is
    found by its path in `folder` or, where only one file is called so, by its name alone; what is
    not found, or could be several files, is left out. Raises `PatrolmapError` where there is no
    such folder or no way to it.
    """
    if not folder.is_dir():
        msg = f"patrolmap.toml [page]: photos: wanted a folder, there is no {folder}"
        raise PatrolmapError(msg)
    files = _files(folder)
    out: dict[str, list[str]] = {}
    for text in named.unique():
        for name in filter(None, map(str.strip, _BETWEEN.split(text))):
            path = PurePosixPath(name.replace("\\", "/"))
            found = files.get(str(path), files.get(path.name))
            if found is not None:
                out[name] = _way(found, page)
    return dict(sorted(out.items()))


def _files(folder: Path) -> dict[str, Path]:
    """Return the pictures in and below `folder` by path, and by name where it is the only one."""
    files = [path for path in sorted(folder.rglob("*")) if path.suffix.lower() in _SUFFIXES]
    names = pd.Series([path.name for path in files], dtype=object)
    single = ~names.duplicated(keep=False)
    alone = {path.name: path for path, one in zip(files, single, strict=True) if one}
    return alone | {path.relative_to(folder).as_posix(): path for path in files}


def _way(photo: Path, page: Path) -> list[str]:
    try:
        return list(Path(os.path.relpath(photo, page.parent)).parts)
    except ValueError as error:
        msg = f"patrolmap.toml [page]: photos: wanted the drive of the results, got {photo.drive}"
        raise PatrolmapError(msg) from error
