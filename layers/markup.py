"""Walk through XML that a stranger may have written: no document types, hence no entities."""

import re
import zipfile
from collections.abc import Callable, Mapping
from xml.parsers import expat  # its entity attacks need a document type, which is refused below

from layers.faults import Fault
from layers.files import BAD_ARCHIVE, UnsafeFileError
from layers.text import codec, decode

Start = Callable[[str, Mapping[str, str]], None]
End = Callable[[str, str], None]
MarkupError = expat.ExpatError
# What reading a document, packed or not, may raise beside `UnsafeFileError`.
BROKEN = (MarkupError, zipfile.BadZipFile, NotImplementedError, OSError, EOFError)


def walk(raw: bytes, start: Start, end: End) -> None:
    """Call `start(tag, attributes)` and `end(tag, text)` for each element, in document order.

    Tags come in lower case without their prefix; `text` is what stood directly before the end.
    Raises `UnsafeFileError` for a document type and `MarkupError` for what is no XML; what came
    before the fault has been told by then.
    """
    parser = expat.ParserCreate("utf-8")
    text: list[str] = []

    def opened(tag: str, attributes: Mapping[str, str]) -> None:
        text.clear()
        start(_bare(tag), attributes)

    def closed(tag: str) -> None:
        end(_bare(tag), "".join(text))
        text.clear()

    def refuse(*_: object) -> None:
        msg = "<!DOCTYPE>"
        raise UnsafeFileError(msg)

    parser.StartElementHandler = opened
    parser.EndElementHandler = closed
    parser.CharacterDataHandler = text.append
    parser.StartDoctypeDeclHandler = refuse
    parser.Parse(_utf8(raw), True)


def broken(error: Exception, kind: str, file: str) -> Fault:
    """Return what to tell of a document of that `kind` when `error`, one of BROKEN, was raised."""
    if isinstance(error, MarkupError):
        return Fault("broken_off", file, values={"kind": kind, "line": error.lineno})
    if isinstance(error, BAD_ARCHIVE):
        return Fault("bad_archive", file)
    return Fault("unreadable", file, values={"kind": kind, "came": error})


def _bare(tag: str) -> str:
    return tag.rsplit(":", 1)[-1].lower()


def _utf8(raw: bytes) -> bytes:
    """Return the document in UTF-8, whatever it says and whatever an exporter put before it."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return decode(raw)[0].encode()
    bare = raw.removeprefix(b"\xef\xbb\xbf").lstrip()
    named = re.match(rb"<\?xml[^>]*encoding=[\"']([\w.-]+)[\"']", bare)
    said = codec(named[1].decode()) if named else ""
    if said in {"", "utf-8"} and _is_utf8(bare):
        return bare
    return decode(bare, said)[0].encode(errors="replace")


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
