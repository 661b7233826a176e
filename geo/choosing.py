"""Decide which assets and which area a duty row means, or say why that is not certain."""

from dataclasses import dataclass, field

import pyproj
import shapely

from geo import names
from geo.ground import Ground
from geo.kinds import MANY
from geo.settings import Settings
from geo.words import Language, Text

UNMATCHED = Text(
    "没有找到“{asset}”：图层里没有这个编号或名称{hint}；请改正名称，或在图层里补上",
    "no asset '{asset}': no layer has this code or name{hint}; mend it or add it to a layer",
)
HINT = Text("（相近的有 {candidates}）", " (near it: {candidates})")
AMBIGUOUS = Text(
    "“{asset}”可能是 {candidates} 中的任何一个；请在编码列写明是哪一个，或写明它独自流经的片区",
    "'{asset}' may be any of {candidates}; write which one into a column of codes, or the area "
    "that it alone runs through",
)
CANDIDATE = Text(
    "{asset}（{km:.1f} 公里，{where}起于 {lon:.4f},{lat:.4f}）",
    "{asset} ({km:.1f} km, {where}begins at {lon:.4f},{lat:.4f})",
)
RUNS = Text("在{areas}，", "in {areas}, ")
CONTRADICTION = Text(
    "编号“{code}”与名称“{asset}”指的不是同一个对象（{candidates}）；请改正其中之一",
    "code '{code}' and name '{asset}' do not mean one asset ({candidates}); mend one of them",
)
NO_ASSET = Text(
    "没有写对象：需要编号或名称，或者对象类别加片区",
    "no asset given: wanted a code or a name, or a kind with an area",
)
NO_AREA = Text(
    "没有找到片区“{area}”；请改正名称，或在片区图层里补上",
    "no area '{area}'; mend the name or add it to the areas",
)
AMBIGUOUS_AREA = Text(
    "片区“{area}”可能是 {candidates} 中的任何一个；请写全名或编号",
    "area '{area}' may be any of {candidates}; give its full name or code",
)
NOT_IN_AREA = Text(
    "“{asset}”不经过片区“{area}”；请核对片区名称或界线",
    "'{asset}' does not run through area '{area}'; check its name or its border",
)
UNKNOWN_SECTION = Text(
    "“{asset}”只说了一段（{rest}），但没有叫这个名的片区；请写起止桩号",
    "'{asset}' means a section ({rest}), but no area is called so; give chainages",
)

_Key = tuple[str, str, str, str, bool]
BY = {
    "code": Text("按编号对上", "met by code"),
    "name": Text("按名称对上", "met by name"),
    "stem": Text("名称略去后缀后对上", "met by name without its ending"),
    "narrowed": Text("同名对象中只有它经过该片区", "the only one of that name in the area"),
    "kind": Text("该类全部对象", "all assets of the kind"),
}


@dataclass(frozen=True)
class Choice:
    """What a row means: its assets, how they were met, its area; or a fault in words.

    `candidates` are the assets it may mean, also where none was chosen.
    """

    ids: tuple[str, ...] = ()
    how: str = ""
    area: str = ""
    candidates: tuple[str, ...] = ()
    fault: str = ""
    column: str = ""
    message: str = ""


@dataclass(frozen=True)
class Chooser:
    """The names that can be meant, and which asset runs through which area."""

    known: names.Known
    areas: names.Places
    by_kind: dict[str, tuple[str, ...]]
    passes: frozenset[tuple[str, str]]
    ground: Ground
    language: Language
    _seen: dict[tuple[str, str, str, str, bool], Choice] = field(
        default_factory=dict, compare=False
    )

    def choose(self, asset: str, code: str, kind: str, area: str, *, ends: bool) -> Choice:
        """Return what a row of these texts means; `ends` tells that it has a start or an end."""
        key = (asset, code, kind, area, ends)
        if key not in self._seen:
            ids, how, rest = self._assets(asset, code, kind, area, ends=ends)
            self._seen[key] = self._with_area(ids, how, rest, key)
        return self._seen[key]

    def _assets(
        self, asset: str, code: str, kind: str, area: str, *, ends: bool
    ) -> tuple[tuple[str, ...], str, str]:
        if not (asset.strip() or code.strip()):
            # 划片包干: every river of a village, but only if the table says that it means rivers.
            if area.strip() and kind and not ends:
                return self.by_kind.get(kind, ()), "kind", ""
            return (), "none", ""
        match = self.known.match(asset, code, kind)
        return match.ids, match.how, match.rest

    def _with_area(self, ids: tuple[str, ...], how: str, rest: str, key: _Key) -> Choice:
        asset, code, kind, area, ends = key
        name, place = asset or code, area.strip() or rest
        if how == "kind":
            name = MANY[kind].say(self.language) if kind in MANY else kind
        areas = names.place(place, self.areas) if place else ()
        if areas and len(ids) > 1 and how in ("name", "stem", "code"):
            inside = tuple(one for one in ids if self._runs(one, areas))
            ids, how = (inside, "narrowed") if len(inside) == 1 else (ids, how)
        met = tuple(one for one in areas if any((asset_id, one) in self.passes for asset_id in ids))
        may, say = " | ".join(ids), self.language
        fault: tuple[str, str, str] | None = None
        if how == "none":
            fault = "no_asset", "asset", NO_ASSET.say(say)
        elif how == "contradiction":
            message = CONTRADICTION.say(say, code=code, asset=asset, candidates=may)
            fault = "ambiguous", "code", message
        elif not ids:
            return self._unmatched(name)
        elif len(ids) > 1 and how != "kind":
            each = " | ".join(map(self._told, ids))
            fault = "ambiguous", "asset", AMBIGUOUS.say(say, asset=name, candidates=each)
        elif len(met) > 1:
            message = AMBIGUOUS_AREA.say(say, area=place, candidates=" | ".join(met))
            fault = "ambiguous", "area", message
        elif area.strip() and not areas:
            fault = "unknown_area", "area", NO_AREA.say(say, area=area)
        elif areas and not met:
            fault = "not_in_area", "area", NOT_IN_AREA.say(say, asset=name, area=place)
        elif rest and not areas and not ends:
            message = UNKNOWN_SECTION.say(say, asset=name, rest=rest)
            fault = "unknown_section", "asset", message
        if fault:
            return Choice((), how, "", ids if how != "kind" else (), *fault)
        return Choice(ids, how, met[0] if met else "", ids)

    def _runs(self, asset_id: str, areas: tuple[str, ...]) -> bool:
        return any((asset_id, area) in self.passes for area in areas)

    def _told(self, asset_id: str) -> str:
        """Return an asset so that it can be told from a namesake: how long it is, and where."""
        ground, say = self.ground, self.language
        course = ground.courses[ground.courses["asset_id"] == asset_id]
        ids = {area for one, area in self.passes if one == asset_id}
        areas = ground.areas.loc[ground.areas["area_id"].isin(ids), "name"]
        to_degrees = pyproj.Transformer.from_crs(
            pyproj.CRS(ground.courses.crs), "EPSG:4326", always_xy=True
        )
        x, y = shapely.get_coordinates(course.geometry.iloc[0])[0]
        lon, lat = to_degrees.transform(x, y)
        km = course["length_m"].sum() / 1000
        where = RUNS.say(say, areas="、".join(areas)) if len(areas) else ""
        return CANDIDATE.say(say, asset=asset_id, km=km, where=where, lon=lon, lat=lat)

    def _unmatched(self, name: str) -> Choice:
        near = self.known.near(name)
        hint = HINT.say(self.language, candidates=" | ".join(near)) if near else ""
        message = UNMATCHED.say(self.language, asset=name, hint=hint)
        return Choice((), "", "", near, "unmatched", "asset", message)


def chooser_on(ground: Ground, settings: Settings) -> Chooser:
    """Return a chooser of the assets and areas of `ground`."""
    assets, areas, within = ground.assets, ground.areas, ground.within
    asset_of = dict(zip(ground.courses["course_id"], ground.courses["asset_id"], strict=True))
    through = (asset_of[course] for course in within["course_id"])
    return Chooser(
        known=names.known(*(assets[c] for c in ("asset_id", "name", "code", "kind"))),
        areas=names.places(*(areas[c] for c in ("area_id", "name", "parent"))),
        by_kind={str(kind): tuple(ids) for kind, ids in assets.groupby("kind")["asset_id"]},
        passes=frozenset(zip(through, within["area_id"], strict=True)),
        ground=ground,
        language=settings.language,
    )
