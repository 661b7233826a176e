"""Draw a route on paper: the legs with arrows and numbers over the courses around them."""

import numpy as np
import shapely

from geo.schema import Courses, Routes

_WIDE, _HIGH = 1000.0, 560.0
_COLOUR = {"service": "#c0392b", "deadhead": "#5d6d7e", "stop": "#1a5276"}


def sketch(route: Routes, courses: Courses) -> str:
    """Return an SVG of the route; only what is looked at and stayed at bears its number."""
    west, south, east, north = route.total_bounds
    margin = max(east - west, north - south, 200.0) * 0.06
    west, south, east, north = west - margin, south - margin, east + margin, north + margin
    # Fitted to its place on the sheet, so that its numbers are never too small to read.
    scale = min(_WIDE / max(east - west, 1.0), _HIGH / max(north - south, 1.0))

    def drawn(line: shapely.Geometry, attributes: str) -> str:
        xy = shapely.get_coordinates(line)
        at = " ".join(f"{(x - west) * scale:.1f},{(north - y) * scale:.1f}" for x, y in xy)
        return f"<polyline points='{at}' fill='none' {attributes}/>"

    box = shapely.box(west, south, east, north)
    near = courses.geometry.to_numpy()
    hit = shapely.intersects(near, box)
    water = courses["kind"].to_numpy(dtype=object) != "road"
    ground = "".join(
        drawn(part, f"stroke='{'#9cc7ea' if wet else '#d5d5d5'}' stroke-width='{5 if wet else 2}'")
        for line, wet in zip(near[hit], water[hit], strict=True)
        for part in shapely.get_parts(shapely.intersection(line, box))
        if part.geom_type == "LineString"
    )
    legs, labels = [], []
    for number, kind, line in zip(route["order"], route["kind"], route.geometry, strict=True):
        if line.length > 0:
            style = f"stroke='{_COLOUR[kind]}' stroke-width='{4 if kind == 'service' else 2}'"
            legs.append(drawn(line, f"{style} marker-end='url(#a)'"))
        if kind != "deadhead":
            middle = line.interpolate(0.5, normalized=True) if line.length > 0 else line
            labels.append((number, kind, *shapely.get_coordinates(middle)[0]))
    numbers = "".join(
        f"<text x='{(x - west) * scale:.1f}' y='{(north - y) * scale - 4:.1f}' font-size='15'"
        f" paint-order='stroke' stroke='#fff' stroke-width='3' fill='{_COLOUR[kind]}'>{n}</text>"
        for n, kind, x, y in labels
    )
    arrow = (
        "<defs><marker id='a' viewBox='0 0 8 8' refX='7' refY='4' markerWidth='5' markerHeight='5'"
        " orient='auto'><path d='M0 0 8 4 0 8z'/></marker></defs>"
    )
    width, height = np.ceil((east - west) * scale), np.ceil((north - south) * scale)
    body = f"{arrow}{ground}{''.join(legs)}{numbers}"
    return f"<svg class='map' viewBox='0 0 {width:.0f} {height:.0f}'>{body}</svg>"
