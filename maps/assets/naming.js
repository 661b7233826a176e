/* Choose where on the map an asset may say its name, once in a view: nearest to the middle of what is seen of it first. */
(function (root) {
  "use strict";
  const PM = (root.PM = root.PM || {});
  // Over a county no name could be read; nor is there time to look through all its segments at each move.
  const MOST_SEGMENTS = 20000, MOST_NAMES = 60, MOST_SPOTS = 6, SHORTEST_PX = 70, SHORES = new Set(["reservoir", "pond"]);

  /** The segments shown in a box by the code of their name; null when they are too many to be named. */
  function byName(query, [west, north, east, south]) {
    const { box, groups, group, n, name } = query.store.segments;
    const found = new Map();
    let seen = 0;
    for (let g = 0; 4 * g < groups.length; g++) {
      if (groups[4 * g] > east || groups[4 * g + 2] < west || groups[4 * g + 1] > south || groups[4 * g + 3] < north) continue;
      for (let i = g * group; i < Math.min(n, (g + 1) * group); i++) {
        if (!query.shown[i] || box[4 * i] > east || box[4 * i + 2] < west || box[4 * i + 1] > south || box[4 * i + 3] < north) continue;
        if (++seen > MOST_SEGMENTS) return null;
        const rows = found.get(name.codes[i]);
        if (rows) rows.push(i);
        else found.set(name.codes[i], [i]);
      }
    }
    return found;
  }

  /** A vertex in the middle of segment `i`, and the way the line runs there. */
  function middle({ first, x, y }, i) {
    const v = (first[i] + first[i + 1]) >> 1;
    const a = Math.max(first[i], v - 1), b = Math.min(first[i + 1] - 1, v + 1);
    return { x: x[v], y: y[v], dx: x[b] - x[a], dy: y[b] - y[a] };
  }

  /** What of the boxes of `rows` lies within a box. */
  function around(box, rows, [west, north, east, south]) {
    const least = (side) => Math.min(...rows.map((i) => box[4 * i + side])), most = (side) => Math.max(...rows.map((i) => box[4 * i + side]));
    return { west: Math.max(west, least(0)), north: Math.max(north, least(1)), east: Math.min(east, most(2)), south: Math.min(south, most(3)) };
  }

  /** The names seen in a box of cells, the longest asset first; `scale` is pixels a cell.
      {name, spots: [{x, y, dx, dy}]}, and of a shore {name, shore: {west, north, east, south}}. */
  PM.namesWithin = function (query, box, scale) {
    const { lines, name, kind, box: boxes } = query.store.segments;
    const [west, north, east, south] = box;
    const out = [];
    for (const [code, rows] of byName(query, box) || []) {
      const word = name.words.word(code);
      if (!word) continue;
      let long = 0;
      for (const i of rows) long += Math.hypot(boxes[4 * i + 2] - boxes[4 * i], boxes[4 * i + 3] - boxes[4 * i + 1]);
      if (long * scale < SHORTEST_PX) continue;
      if (rows.every((i) => SHORES.has(kind.at(i)))) {
        out.push({ name: word, long, shore: around(boxes, rows, box) });
        continue;
      }
      const spots = rows.map((i) => middle(lines, i)).filter((p) => p.x > west && p.x < east && p.y > north && p.y < south);
      if (!spots.length) continue;
      const cx = spots.reduce((sum, p) => sum + p.x, 0) / spots.length, cy = spots.reduce((sum, p) => sum + p.y, 0) / spots.length;
      const away = (p) => Math.hypot(p.x - cx, p.y - cy);
      out.push({ name: word, long, spots: spots.sort((a, b) => away(a) - away(b)).slice(0, MOST_SPOTS) });
    }
    return out.sort((a, b) => b.long - a.long).slice(0, MOST_NAMES);
  };
})(self);
