/* Draw crowded tiles: one byte a sub-pixel instead of strokes. A county at a glance is two hundred
   thousand short lines; stroking them costs five times as much and looks no better. */
(function (root) {
  "use strict";
  const PM = (root.PM = root.PM || {});
  // From this many segments in a tile on, dashes and round joins could not be seen anyway.
  PM.crowded = (count, zoom) => count >= (zoom < 12 ? 2500 : 6000);

  /** Stamp the lines of `rows` with `ink`, `width` sub-pixels wide; `gap` leaves out stripes. */
  function stamp(grid, side, segments, rows, west, north, scale, ink, width, gap) {
    const { first, x, y } = segments.lines;
    const half = width >> 1;
    function put(px, py) {
      const x0 = Math.max(0, px - half), x1 = Math.min(side, px - half + width);
      const y0 = Math.max(0, py - half), y1 = Math.min(side, py - half + width);
      if (gap && ((px + py) & gap) === 0) return;
      for (let row = y0; row < y1; row++) grid.fill(ink, row * side + x0, row * side + Math.max(x0, x1));
    }
    function span(px, py, vertical) {
      if (gap && ((px + py) & gap) === 0) return;
      if (vertical) {
        if (px < 0 || px >= side) return;
        const end = Math.min(side, py - half + width);
        for (let row = Math.max(0, py - half); row < end; row++) grid[row * side + px] = ink;
      } else {
        if (py < 0 || py >= side) return;
        const end = Math.min(side, px - half + width);
        for (let column = Math.max(0, px - half); column < end; column++) grid[py * side + column] = ink;
      }
    }
    for (let k = 0; k < rows.length; k++) {
      const i = rows[k];
      const end = first[i + 1] - 1;
      let ax = ((x[first[i]] - west) * scale) | 0, ay = ((y[first[i]] - north) * scale) | 0;
      put(ax, ay);
      for (let v = first[i] + 1; v <= end; v++) {
        const bx = ((x[v] - west) * scale) | 0, by = ((y[v] - north) * scale) | 0;
        const dx = bx - ax, dy = by - ay;
        const long = Math.max(Math.abs(dx), Math.abs(dy));
        if (long < 2 && v < end) continue;
        const flat = Math.abs(dx) >= Math.abs(dy);
        for (let s = 1; s <= long; s++) {
          span(ax + Math.round((dx * s) / long), ay + Math.round((dy * s) / long), flat);
        }
        ax = bx;
        ay = by;
      }
    }
  }

  function channels(hex) {
    const n = parseInt(hex.slice(1), 16);
    return [n >> 16, (n >> 8) & 255, n & 255];
  }

  /** Average `fine` x `fine` sub-pixels into each pixel. */
  function resolve(grid, px, fine, inks, image) {
    const side = px * fine, all = fine * fine;
    const out = image.data;
    for (let row = 0, o = 0; row < px; row++) {
      for (let column = 0; column < px; column++, o += 4) {
        let r = 0, g = 0, b = 0, n = 0;
        const at = row * fine * side + column * fine;
        for (let j = 0; j < fine; j++) {
          for (let i = 0; i < fine; i++) {
            const ink = grid[at + j * side + i];
            if (!ink) continue;
            const c = inks[ink];
            r += c[0];
            g += c[1];
            b += c[2];
            n++;
          }
        }
        if (!n) continue;
        out[o] = r / n;
        out[o + 1] = g / n;
        out[o + 2] = b / n;
        out[o + 3] = (255 * n) / all;
      }
    }
  }

  PM.drawCrowded = function (ctx, query, groups, { west, north, scale, size, zoom, theme }) {
    const fine = size.ratio > 1 ? 1 : 2;
    const side = size.px * fine;
    const grid = new Uint8Array(side * side);
    const inks = [null];
    const grow = PM.lineScale(zoom) * (size.ratio || 1) * fine;
    PM.DRAWN.forEach((name, k) => {
      if (!groups[k].length) return;
      for (const [colour, width, dash] of PM.THEMES[theme].lines[name]) {
        inks.push(channels(colour));
        stamp(grid, side, query.store.segments, groups[k], west, north, scale * fine,
          inks.length - 1, Math.max(1, Math.round(width * grow)), dash ? 8 : 0);
      }
    });
    const image = ctx.createImageData(size.px, size.px);
    resolve(grid, size.px, fine, inks, image);
    ctx.putImageData(image, 0, 0);
  };
})(self);
