"""Hand a route to the map on a phone: addresses that its apps open, and their QR codes.

Nothing here asks anything of anybody: an address is text until somebody's phone opens it. Each app
gets its own datum. Amap's app takes many stops (`amapuri://route/plan`); its web address, which
also opens on an iPhone, takes one, Baidu's and Tencent's none; `geo:` is the start alone, for any
other app.
"""

from dataclasses import dataclass
from urllib.parse import quote, urlencode

import numpy as np
import segno

from geo.schema import Routes
from geo.words import Language, Text
from maps.gpx import degrees

# More stops make a code that a phone no longer reads from paper.
STOPS = 10
_AMAP_APP = {"car": 0, "motorcycle": 0, "foot": 2, "bicycle": 3, "boat": 0}
_AMAP_WEB = {"car": "car", "motorcycle": "car", "foot": "walk", "bicycle": "ride", "boat": "car"}
_BAIDU = {"foot": "walking", "bicycle": "riding"}
_TENCENT = {"foot": "walk", "bicycle": "bike"}
APPS = {
    "amap_app": Text("高德地图(安卓,含途经点)", "Amap (Android, with stops)"),
    "amap": Text("高德地图(苹果等,一处途经)", "Amap (others, one stop)"),
    "baidu": Text("百度地图(起点到终点)", "Baidu Maps (start to end)"),
    "tencent": Text("腾讯地图(起点到终点)", "Tencent Maps (start to end)"),
    "geo": Text("其他地图(起点)", "Other maps (the start)"),
}
# What is printed as a code: the rest stands in the roster as text.
PRINTED = ("amap_app", "amap", "geo")
START, END, VIA = Text("出发", "start"), Text("返回", "end"), Text("第{n}步", "step {n}")


@dataclass(frozen=True)
class _Stop:
    name: str
    lon: float
    lat: float


def links(route: Routes, language: Language) -> dict[str, str]:
    """Return the address of one crew's day for each app of `APPS`."""
    gcj, bd, wgs = (_stops(route, datum, language) for datum in ("gcj02", "bd09", "wgs84"))
    mode = str(route["mode"].iloc[0])
    first, *via, last = gcj
    app = {
        "sourceApplication": "patrolmap",
        "slat": _six(first.lat), "slon": _six(first.lon), "sname": first.name,
        "dlat": _six(last.lat), "dlon": _six(last.lon), "dname": last.name,
        "dev": "0", "t": str(_AMAP_APP[mode]), "vian": str(len(via)),
        "vialons": "|".join(_six(stop.lon) for stop in via),
        "vialats": "|".join(_six(stop.lat) for stop in via),
        "vianames": "|".join(stop.name for stop in via),
    }  # fmt: skip
    web = {
        "from": _comma(first), "to": _comma(last), "via": _comma(via[len(via) // 2]) if via else "",
        "mode": _AMAP_WEB[mode], "coordinate": "gaode", "src": "patrolmap", "callnative": "1",
    }  # fmt: skip
    baidu = {
        "origin": f"latlng:{_turned(bd[0])}|name:{first.name}",
        "destination": f"latlng:{_turned(_farthest(bd))}|name:{_farthest(bd).name}",
        "mode": _BAIDU.get(mode, "driving"), "region": "中国", "coord_type": "bd09ll",
        "output": "html", "src": "webapp.office.patrolmap",
    }  # fmt: skip
    tencent = {
        "type": _TENCENT.get(mode, "drive"),
        "from": first.name, "fromcoord": _turned(first),
        "to": _farthest(gcj).name, "tocoord": _turned(_farthest(gcj)), "referer": "patrolmap",
    }  # fmt: skip
    return {
        "amap_app": f"amapuri://route/plan/?{_query(app)}",
        "amap": f"https://uri.amap.com/navigation?{_query(web)}",
        "baidu": f"https://api.map.baidu.com/direction?{_query(baidu)}",
        "tencent": f"https://apis.map.qq.com/uri/v1/routeplan?{_query(tencent)}",
        "geo": f"geo:{_turned(wgs[0])}",
    }


def code(address: str) -> str:
    """Return the QR code of an address as SVG, at the least correction: it is printed, not worn."""
    made = segno.make(address, error="l", boost_error=False)
    return str(made.svg_inline(omitsize=True, border=3))


def _stops(route: Routes, datum: str, language: Language) -> list[_Stop]:
    """Return the start, where looking begins or somebody stays, evenly thinned, and the end."""
    points = degrees(route, datum)
    number = route["order"].tolist()
    at = [k for k, kind in enumerate(route["kind"]) if kind != "deadhead"]
    if len(at) > STOPS:
        at = [at[k] for k in np.linspace(0, len(at) - 1, STOPS).round().astype(int)]
    via = [_Stop(VIA.say(language, n=number[k]), *map(float, points[k][0])) for k in at]
    begin = _Stop(START.say(language), *map(float, points[0][0]))
    return [begin, *via, _Stop(END.say(language), *map(float, points[-1][-1]))]


def _farthest(stops: list[_Stop]) -> _Stop:
    """Return the stop farthest from the start: from there and back is no route to show."""
    first = stops[0]
    return max(stops[1:], key=lambda s: np.hypot(s.lon - first.lon, s.lat - first.lat))


def _six(value: float) -> str:
    return f"{value:.6f}"


def _comma(stop: _Stop) -> str:
    return f"{_six(stop.lon)},{_six(stop.lat)},{stop.name}"


def _turned(stop: _Stop) -> str:
    return f"{_six(stop.lat)},{_six(stop.lon)}"


def _query(values: dict[str, str]) -> str:
    said = {name: value for name, value in values.items() if value}
    return urlencode(said, quote_via=quote, safe="|,:")
