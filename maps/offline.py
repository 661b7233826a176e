"""Make a folium page that fetches nothing: every asset inlined, every script named by its hash."""

import base64
import hashlib
import re
from collections.abc import Iterable
from importlib import resources
from typing import Any

from branca.element import CssLink, Element, Figure, JavascriptLink

# Script texts are taken to the letter: a script must not hold its own end.
_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
# folium links these on every page; nothing of ours needs them, so they are left out, not fetched.
UNUSED = frozenset(
    {
        "jquery", "bootstrap", "bootstrap_css", "glyphicons_css", "awesome_markers",
        "awesome_markers_font_css", "awesome_markers_css", "awesome_rotate_css",
    }
)  # fmt: skip


def asset(name: str) -> str:
    """Return the text of a file of `maps/assets`."""
    return (resources.files("maps") / "assets" / name).read_text(encoding="utf-8")


def script(source: str, **attributes: str) -> "Raw":
    """Return a script element. A source that would end its own element early is refused."""
    if re.search(r"</script|<!--", source, re.IGNORECASE):
        msg = "wanted a script without '</script' and '<!--'"
        raise ValueError(msg)
    named = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return Raw(f"<script{named}>{source}</script>")


class Raw(Element):
    """Text that goes into the page as it is: it is never compiled as a template."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def render(self, **_: Any) -> str:
        """Return the text."""
        return self.text


class OfflineFigure(Figure):
    """A folium figure whose page needs nothing from outside.

    Links to Leaflet become its text, links that our page does not use are dropped, any other link
    is refused with `LookupError`: a page that silently fetched would not be offline. `hosts` are
    the hosts that a user's own background may load images from. What is in `first` comes before
    all else, so that it works while the rest is read.
    """

    def __init__(self, title: str, *, language: str = "zh-CN", hosts: Iterable[str] = ()) -> None:
        super().__init__()
        self.page_title = title
        self.language = language
        self.hosts = tuple(hosts)
        self.first: dict[str, Element] = {}

    def render(self, **kwargs: Any) -> str:
        """Return the whole page."""
        for child in list(self._children.values()):
            child.render(**kwargs)
        elements = self.first | self.header._children  # noqa: SLF001
        head = "\n".join(self._inlined(name, e) for name, e in elements.items())
        body = "\n".join(child.render(**kwargs) for child in self.html._children.values())  # noqa: SLF001
        end = "\n".join(child.render(**kwargs) for child in self.script._children.values())  # noqa: SLF001
        page = f"{head}\n</head>\n<body>\n{body}\n<script>\n{end}\n</script>\n</body>\n</html>\n"
        return (
            f'<!DOCTYPE html>\n<html lang="{self.language}">\n<head>\n<meta charset="utf-8">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{self._policy(page)}">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{self.page_title}</title>\n{page}"
        )

    def _inlined(self, name: str, element: Element) -> str:
        if isinstance(element, JavascriptLink | CssLink):
            if name in UNUSED:
                return ""
            if name == "leaflet":
                return script(_quiet(asset("leaflet.js"))).text
            if name == "leaflet_css":
                return f"<style>{_css()}</style>"
            msg = f"wanted only assets that are in the package, got a link to {element.url}"
            raise LookupError(msg)
        return "" if name == "meta_http" else str(element.render())

    def _policy(self, page: str) -> str:
        scripts = " ".join(sorted(_hashes(_SCRIPT, page) | _hashes(_IDENTIFIED, page)))
        styles = " ".join(sorted(_hashes(_STYLE, page)))
        images = " ".join(["data:", "blob:", *self.hosts])
        return (
            f"default-src 'none'; script-src {scripts}; style-src {styles}; img-src {images}; "
            "worker-src blob:; connect-src 'none'; base-uri 'none'; form-action 'none'"
        )


_IDENTIFIED = re.compile(r'<script id="[\w-]+">(.*?)</script>', re.DOTALL)


def _hashes(pattern: "re.Pattern[str]", page: str) -> set[str]:
    texts = {match.group(1) for match in pattern.finditer(page)}
    digests = (hashlib.sha256(text.encode()).digest() for text in texts)
    return {f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests}


def _quiet(source: str) -> str:
    """Return a script without the line that makes debuggers fetch its source map."""
    return re.sub(r"//# sourceMappingURL=\S+", "", source)


def _css() -> str:
    """Return Leaflet's style without its pictures, which only its own layer switch needs."""
    return re.sub(r"url\((?!#)[^)]*\)", "none", asset("leaflet.css"))
