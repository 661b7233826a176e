/* Draw a tile: segments by state, what carries blame on top. */
(function (root) {
  "use strict";
  const PM = (root.PM = root.PM || {});

  /** The segments shown whose box meets a box of cells, grouped by the order they are drawn in. */
  function within(query, box) {
    const { box: b, groups, group, n } = query.store.segments;
    const { shown, state } = query;
    const order = query.store.meta.states.map((name) => PM.DRAWN.indexOf(name));
    const out = PM.DRAWN.map(() => []);
    const [w, s, e, l] = box;
    for (let g = 0; 4 * g < groups.length; g++) {
      if (groups[4 * g] > e || groups[4 * g + 2] < w || groups[4 * g + 1] > l || groups[4 * g + 3] < s) continue;
      const end = Math.min(n, (g + 1) * group);
      for (let i = g * group; i < end; i++) {
        if (!shown[i]) continue;
        if (b[4 * i] > e || b[4 * i + 2] < w || b[4 * i + 1] > l || b[4 * i + 3] < s) continue;
        out[order[state[i]]].push(i);
      }
    }
    return out;
  }

  /** One path for many lines, in pixels; vertices nearer than 0.7 px to the last are skipped. */
  PM.linePath = function ({ first, x, y }, rows, west, north, scale) {
    const out = new Path2D();
    for (const i of rows) {
      let v = first[i];
      const end = first[i + 1] - 1;
      let px = (x[v] - west) * scale, py = (y[v] - north) * scale;
      // A segment that continues the last drawn one keeps the dash running.
      out.moveTo(px, py);
      for (v++; v < end; v++) {
        const qx = (x[v] - west) * scale, qy = (y[v] - north) * scale;
        if (Math.abs(qx - px) + Math.abs(qy - py) < 0.7) continue;
        out.lineTo((px = qx), (py = qy));
      }
      out.lineTo((x[end] - west) * scale, (y[end] - north) * scale);
    }
    return out;
  };

  /** The parts of the segments that were surely seen within the period, as one path. */
  function seenPath(query, groups, west, north, scale) {
    const { segments, visits } = query.store;
    const { first, x, y } = segments.lines;
    const out = new Path2D();
    const low = query.filter.from - visits.first_day, high = query.filter.until - visits.first_day;
    for (const rows of groups) {
      for (const i of rows) {
        if (!query.seen[i]) continue;
        const along = [0];
        for (let v = first[i] + 1; v < first[i + 1]; v++) {
          along.push(along[along.length - 1] + Math.hypot(x[v] - x[v - 1], y[v] - y[v - 1]));
        }
        const full = along[along.length - 1];
        for (let k = visits.first[i]; k < visits.first[i + 1]; k++) {
          if (visits.kind[k] !== 0 || visits.day[k] < low || visits.day[k] > high) continue;
          part(out, segments.lines, i, along, (visits.low[k] / 255) * full, (visits.high[k] / 255) * full, west, north, scale);
        }
      }
    }
    return out;
  }

  function part(out, { first, x, y }, i, along, from, to, west, north, scale) {
    function at(d) {
      let k = 1;
      while (k < along.length - 1 && along[k] < d) k++;
      const t = along[k] > along[k - 1] ? (d - along[k - 1]) / (along[k] - along[k - 1]) : 0;
      const v = first[i] + k;
      return [(x[v - 1] + t * (x[v] - x[v - 1]) - west) * scale, (y[v - 1] + t * (y[v] - y[v - 1]) - north) * scale];
    }
    out.moveTo(...at(from));
    for (let k = 1; k < along.length - 1; k++) {
      if (along[k] > from && along[k] < to) out.lineTo((x[first[i] + k] - west) * scale, (y[first[i] + k] - north) * scale);
    }
    out.lineTo(...at(to));
  }

  /** What of the store lies in a tile, grouped by the order it is drawn in, and how many segments. */
  PM.inTile = function (query, { west, north, scale, size, zoom }) {
    const margin = (8 * PM.lineScale(zoom) * (size.ratio || 1)) / scale;
    const side = size.px / scale;
    const groups = within(query, [west - margin, north - margin, west + side + margin, north + side + margin]);
    return { groups, count: groups.reduce((n, rows) => n + rows.length, 0) };
  };

  /** Draw into `ctx` the cells from (west, north) on, `scale` pixels a cell. */
  PM.drawTile = function (ctx, query, groups, { west, north, scale, size, zoom, theme }) {
    const lines = PM.THEMES[theme].lines;
    const grow = PM.lineScale(zoom) * (size.ratio || 1);
    ctx.lineJoin = "round";
    const stroke = (line, [colour, width, dash, cap]) => {
      ctx.strokeStyle = colour;
      ctx.lineWidth = width * grow;
      ctx.lineCap = cap || "butt";
      ctx.setLineDash(dash ? dash.map((d) => d * grow) : []);
      ctx.stroke(line);
    };
    const strokeRows = (rows, ...how) => stroke(PM.linePath(query.store.segments.lines, rows, west, north, scale), how);
    PM.drawBands(query, groups, PM.THEMES[theme], strokeRows);
    if (query.seen) stroke(seenPath(query, groups, west, north, scale), [PM.THEMES[theme].seen, 10]);
    PM.DRAWN.forEach((name, k) => {
      if (!groups[k].length) return;
      const line = PM.linePath(query.store.segments.lines, groups[k], west, north, scale);
      for (const how of lines[name]) stroke(line, how);
    });
    PM.drawDeclared(query, groups, PM.THEMES[theme], strokeRows);
  };
})(self);
