"""Touch the disk: write whole files or none, unpack without being fooled, name files safely."""

import gzip
import hashlib
import os
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedIOBase
from pathlib import Path, PurePosixPath

from layers.text import clean, decode

# No office's layer is larger unpacked, and no honest archive shrinks more than this.
_UNPACKED_BYTES = 4_000_000_000
_SHRINK = 300
_MARK = b"\xef\xbb\xbf"
_RESERVED = frozenset(
    ["CON", "PRN", "AUX", "NUL", *(f"{d}{n}" for d in ("COM", "LPT") for n in range(1, 10))]
)

# What unpacking raises for an archive that is cut short or damaged.
BAD_ARCHIVE = (zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError)


class UnsafeFileError(ValueError):
    """An archive or document made to harm its reader."""


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give a temporary path to write to, and put it in the place of `path` if all went well.

    After an exception `path` is as it was before and the temporary file is gone.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # The suffix stays: GDAL and openpyxl choose the format by it.
    handle, name = tempfile.mkstemp(prefix=".writing-", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        # mkstemp makes it readable by its owner only; a result is as readable as any other file.
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def digest(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def text_bytes(path: Path) -> bytes:
    """Return the bytes of a text file, unpacked when its name ends in `.gz`.

    Raises `UnsafeFileError` when it unpacks to more than any honest file, `OSError` when broken.
    """
    if path.suffix.lower() != ".gz":
        return path.read_bytes()
    limit = _most_unpacked(path)
    with gzip.open(path) as stream:
        raw = stream.read(limit + 1)
    if len(raw) > limit:
        msg = f"{path.stat().st_size} bytes unpack to more than {limit}"
        raise UnsafeFileError(msg)
    return raw


@contextmanager
def text_stream(path: Path) -> Iterator[BufferedIOBase]:
    """Open the bytes of a text file as `text_bytes` returns them, behind its byte order mark.

    Reading raises what `text_bytes` raises.
    """
    if path.suffix.lower() == ".gz":
        stream: BufferedIOBase = _Bounded(path, _most_unpacked(path))
    else:
        stream = path.open("rb")
    with stream:
        if stream.read(len(_MARK)) != _MARK:
            stream.seek(0)
        yield stream


class _Bounded(gzip.GzipFile):
    """A packed file that refuses to unpack to more than an honest one would."""

    def __init__(self, path: Path, most: int) -> None:
        super().__init__(path)
        self._most = most

    def read(self, size: int | None = -1) -> bytes:
        raw = super().read(size)
        if self.tell() > self._most:
            msg = f"{Path(self.name).stat().st_size} bytes unpack to more than {self._most}"
            raise UnsafeFileError(msg)
        return raw


def _most_unpacked(path: Path) -> int:
    return min(_UNPACKED_BYTES, max(path.stat().st_size, 1_000_000) * _SHRINK)


def unpack(archive: Path, into: Path) -> list[Path]:
    """Unpack a zip into a folder, its own folders kept, and return the files, sorted.

    Names lose whatever a file system may take amiss or leads out of the folder; names not marked as
    UTF-8 are judged, since Chinese Windows writes them in GBK. Raises `UnsafeFileError` for an
    archive made to fill the disk, `zipfile.BadZipFile` or `OSError` for a broken one.
    """
    files = []
    with zipfile.ZipFile(archive) as packed:
        for member in check_archive(packed):
            steps = PurePosixPath(_member_name(member).replace("\\", "/")).parts
            target = into.joinpath(*(safe_name(step) for step in steps if step not in {"/", ".."}))
            target.parent.mkdir(parents=True, exist_ok=True)
            with packed.open(member) as source, target.open("wb") as sink:
                # The directory of an archive may lie about the size; zipfile stops there.
                shutil.copyfileobj(source, sink)
            files.append(target)
    return sorted(files)


def check_archive(packed: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """Return the files of an archive; raises `UnsafeFileError` for one made to fill the disk."""
    members = [m for m in packed.infolist() if not m.is_dir()]
    size, small = sum(m.file_size for m in members), sum(m.compress_size for m in members)
    if size > min(_UNPACKED_BYTES, max(small, 1_000_000) * _SHRINK) or len(members) > 10_000:
        msg = f"{len(members)} files of {size} bytes in {small}"
        raise UnsafeFileError(msg)
    return members


def safe_name(text: str, fallback: str = "unnamed") -> str:
    """Return a file name made of `text` that every system takes, without any folder in it.

    >>> safe_name("../../王家河: 左岸?.gpx"), safe_name("CON"), safe_name("..")
    ('王家河_ 左岸_.gpx', 'CON_', 'unnamed')
    """
    name = re.sub(r'[<>:"/\\|?*\n\t]', "_", clean(text.replace("\\", "/").rsplit("/", 1)[-1]))
    # Marks that turn the reading direction hide a file's real ending.
    name = re.sub("[\u200b-\u200f\u202a-\u202e\u2066-\u2069]", "", name).strip(". ")[:120]
    if name.split(".")[0].upper() in _RESERVED:
        name += "_"
    return name or fallback


def _member_name(member: zipfile.ZipInfo) -> str:
    if member.flag_bits & 0x800 or member.filename.isascii():
        return member.filename
    return decode(member.filename.encode("cp437", errors="replace"))[0]
