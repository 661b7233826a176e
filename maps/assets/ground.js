/* Draw the backdrop of a tile: green land, water, borders and roads, paler than anything of the office's own. */
(function (root) {
  "use strict";
  const PM = (root.PM = root.PM || {});
  // As maps/ground_kinds.py numbers them, in the order they are drawn: an area, or the pixels of a line at street
  // scale, the zoom it begins at, and its dash.
  const LOOKS = [["green"], ["water"], ["water", 1.6, 10], ["border", 1.2, 7, [6, 3, 1, 3]], ["lane", 1.6, 13], ["road", 2.6, 10], ["highway", 3.6, 7]];

  /** The shapes whose box meets a box of their own cells, by class. */
  function within({ lines, kind }, west, north, side) {
    const { box } = lines, out = LOOKS.map(() => []);
    for (let i = 0, b = 0; i < kind.length; i++, b += 4) {
      if (box[b] > west + side || box[b + 2] < west || box[b + 1] > north + side || box[b + 3] < north) continue;
      out[kind[i]].push(i);
    }
    return out;
  }

  /** Draw into `ctx` the cells of the data from (west, north) on, `scale` pixels a cell. */
  PM.drawGround = function (ctx, { ground, meta }, { west, north, scale, size, zoom, theme }) {
    // The backdrop counts in coarser cells from an origin of its own.
    const ratio = Math.pow(2, ground.bits - meta.bits);
    const left = (west + meta.west) * ratio - ground.west, top = (north + meta.north) * ratio - ground.north;
    const fine = scale / ratio, colours = PM.THEMES[theme].ground_lines;
    const grow = size.ratio * Math.min(1.5, Math.max(0.4, 0.4 + (zoom - 9) * 0.12)), margin = (4 * grow) / fine;
    ctx.lineJoin = ctx.lineCap = "round";
    within(ground, left - margin, top - margin, size.px / fine + 2 * margin).forEach((rows, k) => {
      const [name, width, from, dash] = LOOKS[k];
      if (!rows.length || zoom < from) return;
      const path = PM.linePath(ground.lines, rows, left, top, fine);
      ctx.fillStyle = ctx.strokeStyle = colours[name];
      // An area counts its rings by their turn: a hole turns the other way.
      if (!width) return ctx.fill(path, "nonzero");
      ctx.lineWidth = width * grow;
      ctx.setLineDash(dash ? dash.map((d) => d * grow) : []);
      ctx.stroke(path);
    });
  };
})(self);
