/* Draw crowded tiles: one byte a sub-pixel instead of strokes. A county at a glance is two hundred
   thousand short lines; stroking them costs five times as much and looks no better. */
(function (root) {
  "use strict";
  const PM = (root.PM = root.PM || {});
  // From this many segments in a tile on, dashes and round joins could not be seen anyway.
  PM.crowded = (count, zoom) => count >= (zoom < 10 ? 1000 : zoom < 12 ? 2500 : 6000);
  // A spot is a sub-pixel of a line: where, moved by SHIFT to be positive, and how it grows wide.
  const SHIFT = 32, TALL = 0, FLAT = 1, DOT = 2;
  let spots = new Int32Array(1 << 16);

  /** The lines without vertices nearer than `step` cells to the one before; their ends stay. */
  function thinned({ first, x, y }, step) {
    const starts = new Uint32Array(first.length), tx = new Int32Array(x.length), ty = new Int32Array(y.length);
    let n = 0;
    for (let i = 0; i + 1 < first.length; i++) {
      starts[i] = n;
      const end = first[i + 1] - 1;
      for (let v = first[i], lx = Infinity, ly = 0; v <= end; v++) {
        if (v < end && Math.abs(x[v] - lx) < step && Math.abs(y[v] - ly) < step) continue;
        tx[n] = lx = x[v];
        ty[n++] = ly = y[v];
      }
    }
    starts[first.length - 1] = n;
    return { first: starts, x: tx.slice(0, n), y: ty.slice(0, n) };
  }

  // The tiles of one zoom share their thinned lines: over a county most vertices are nearer than a pixel.
  let thin = { of: null, step: 0, lines: null };
  function linesFor(lines, step) {
    if (thin.of !== lines || thin.step !== step) thin = { of: lines, step, lines: thinned(lines, step) };
    return thin.lines;
  }

  /** Walk the lines of `rows` and leave their spots in `spots`; returns how many. */
  function trace(side, { first, x, y }, rows, west, north, scale) {
    const most = side + SHIFT;
    let n = 0;
    function put(px, py, how) {
      if (px <= -SHIFT || py <= -SHIFT || px >= most || py >= most) return;
      if (n === spots.length) spots = grown(spots);
      spots[n++] = ((((py + SHIFT) << 13) | (px + SHIFT)) << 2) | how;
    }
    for (let k = 0; k < rows.length; k++) {
      const v0 = first[rows[k]], end = first[rows[k] + 1] - 1, before = n;
      let ax = ((x[v0] - west) * scale) | 0, ay = ((y[v0] - north) * scale) | 0;
      for (let v = v0 + 1; v <= end; v++) {
        const bx = ((x[v] - west) * scale) | 0, by = ((y[v] - north) * scale) | 0;
        const dx = bx - ax, dy = by - ay;
        const long = Math.max(Math.abs(dx), Math.abs(dy));
        if (long < 2 && v < end) continue;
        const how = Math.abs(dx) >= Math.abs(dy) ? TALL : FLAT;
        const sx = dx / long, sy = dy / long;
        let px = ax + 0.5, py = ay + 0.5;
        for (let s = long; s > 0; s--) put((px += sx) | 0, (py += sy) | 0, how);
        ax = bx;
        ay = by;
      }
      if (n === before) put(ax, ay, DOT);
    }
    return n;
  }

  function grown(full) {
    const out = new Int32Array(2 * full.length);
    out.set(full);
    return out;
  }

  /** Ink the first `n` spots `width` sub-pixels wide; `gap` leaves out stripes. */
  function stamp(grid, side, n, ink, width, gap) {
    const half = width >> 1;
    for (let k = 0; k < n; k++) {
      const spot = spots[k], how = spot & 3;
      const px = ((spot >> 2) & 8191) - SHIFT, py = (spot >> 15) - SHIFT;
      if (gap && ((px + py) & gap) === 0) continue;
      const x0 = how === TALL ? px : px - half, x1 = how === TALL ? px + 1 : x0 + width;
      const y0 = how === FLAT ? py : py - half, y1 = how === FLAT ? py + 1 : y0 + width;
      const left = x0 < 0 ? 0 : x0, right = x1 > side ? side : x1, low = y1 > side ? side : y1;
      for (let row = y0 < 0 ? 0 : y0; row < low; row++) {
        for (let at = row * side + left, to = row * side + right; at < to; at++) grid[at] = ink;
      }
    }
  }

  function channels(hex) {
    const n = parseInt(hex.slice(1), 16);
    return [n >> 16, (n >> 8) & 255, n & 255];
  }

  /** Average `fine` x `fine` sub-pixels into each pixel; where nothing was inked nothing is written. */
  function resolve(grid, px, fine, inks, out) {
    const side = px * fine, all = fine * fine;
    for (let row = 0, o = 0; row < px; row++) {
      for (let at = row * fine * side, end = at + side; at < end; at += fine, o += 4) {
        // Most of a tile is empty.
        if (!grid[at] && (fine === 1 || !(grid[at + 1] | grid[at + side] | grid[at + side + 1]))) continue;
        let r = 0, g = 0, b = 0, n = 0;
        for (let j = 0; j < all; j++) {
          const ink = 3 * grid[at + (j >> 1) * side + (j & 1)];
          if (!ink) continue;
          r += inks[ink];
          g += inks[ink + 1];
          b += inks[ink + 2];
          n++;
        }
        out[o] = r / n;
        out[o + 1] = g / n;
        out[o + 2] = b / n;
        out[o + 3] = (255 * n) / all;
      }
    }
    return out;
  }

  /** The pixels of a crowded tile, four bytes each. */
  PM.crowdedTile = function (query, groups, { west, north, scale, size, zoom, theme }) {
    const fine = size.ratio > 1 ? 1 : 2;
    const side = size.px * fine;
    const grid = new Uint8Array(side * side);
    const inks = [0, 0, 0];
    const grow = PM.lineScale(zoom) * (size.ratio || 1) * fine;
    const lines = linesFor(query.store.segments.lines, 1.5 / (scale * fine));
    PM.DRAWN.forEach((name, k) => {
      if (!groups[k].length) return;
      const n = trace(side, lines, groups[k], west, north, scale * fine);
      for (const [colour, width, dash] of PM.THEMES[theme].lines[name]) {
        inks.push(...channels(colour));
        stamp(grid, side, n, inks.length / 3 - 1, Math.max(1, Math.round(width * grow)), dash ? 8 : 0);
      }
    });
    return resolve(grid, size.px, fine, Uint8Array.from(inks), new Uint8ClampedArray(4 * size.px * size.px));
  };
})(self);
