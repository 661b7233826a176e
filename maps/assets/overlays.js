/* Draw what is few: areas behind the lines, parts, problems and the selection above them. */
(function () {
  "use strict";
  const PM = (self.PM = self.PM || {});
  const FONT = '"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",system-ui,sans-serif';

  /** Areas as quiet outlines. */
  PM.drawAreas = function (ctx, project) {
    const { rings } = PM.about;
    const colours = PM.THEMES[PM.view.theme];
    ctx.strokeStyle = colours.area;
    ctx.lineWidth = 1.2;
    ctx.setLineDash([7, 4, 2, 4]);
    ctx.beginPath();
    for (let r = 0; r < rings.first.length - 1; r++) {
      for (let v = rings.first[r]; v < rings.first[r + 1]; v++) {
        const p = project(rings.x[v], rings.y[v]);
        if (v === rings.first[r]) ctx.moveTo(p.x, p.y);
        else ctx.lineTo(p.x, p.y);
      }
    }
    ctx.stroke();
    ctx.setLineDash([]);
  };

  let wide = null;
  /** How wide each area is, in cells. */
  function widths() {
    if (wide) return wide;
    const { rings, ring_area, names } = PM.about;
    const west = new Array(names.name.length).fill(Infinity), east = new Array(names.name.length).fill(-Infinity);
    for (let r = 0; r < ring_area.length; r++) {
      for (let v = rings.first[r]; v < rings.first[r + 1]; v++) {
        west[ring_area[r]] = Math.min(west[ring_area[r]], rings.x[v]);
        east[ring_area[r]] = Math.max(east[ring_area[r]], rings.x[v]);
      }
    }
    return (wide = west.map((w, a) => east[a] - w));
  }

  /** The names of the areas, above the lines, where the area is wider than its name. */
  PM.drawNames = function (ctx, project, zoom) {
    const { names } = PM.about;
    const colours = PM.THEMES[PM.view.theme];
    ctx.textBaseline = "alphabetic";
    ctx.font = "500 13px " + FONT;
    ctx.textAlign = "center";
    ctx.lineWidth = 3;
    ctx.strokeStyle = colours.ground;
    ctx.fillStyle = colours.name;
    const taken = [];
    for (let a = 0; a < names.name.length; a++) {
      if (!names.place.placed[a]) continue;
      const p = project(names.place.x[a], names.place.y[a]);
      const w = ctx.measureText(names.name[a]).width / 2 + 4;
      if (widths()[a] * PM.cells.scale(zoom) < 3 * w) continue;
      if (taken.some((q) => Math.abs(q.x - p.x) < q.w + w && Math.abs(q.y - p.y) < 18)) continue;
      taken.push({ x: p.x, y: p.y, w });
      ctx.strokeText(names.name[a], p.x, p.y);
      ctx.fillText(names.name[a], p.x, p.y);
    }
  };

  const SYMBOLS = {
    dam: "▬", spillway: "≋", outlet: "◍", gate: "⊓", outfall: "◒", sign: "⚑", bridge: "≍", place: "•",
  };

  PM.partMark = function (ctx, x, y, part) {
    const colours = PM.THEMES[PM.view.theme];
    ctx.fillStyle = colours.ground;
    ctx.strokeStyle = colours.name;
    ctx.lineWidth = 1.4;
    ctx.beginPath();
    ctx.rect(x - 7, y - 7, 14, 14);
    ctx.fill();
    ctx.stroke();
    ctx.fillStyle = colours.name;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.font = "11px " + FONT;
    ctx.fillText(Object.prototype.hasOwnProperty.call(SYMBOLS, part) ? SYMBOLS[part] : "·", x, y + 0.5);
  };

  /** Parts as small signs from street scale on; their names where there is room. */
  PM.drawParts = function (ctx, project, zoom) {
    if (zoom < 14) return;
    const colours = PM.THEMES[PM.view.theme];
    const taken = [];
    for (const part of PM.about.parts) {
      if (!part.placed) continue;
      const p = project(part.x, part.y);
      PM.partMark(ctx, p.x, p.y, part.part);
      if (zoom < 15 || !part.name) continue;
      const half = ctx.measureText(part.name).width / 2 + 3, y = p.y + 16;
      if (taken.some((q) => Math.abs(q.x - p.x) < q.half + half && Math.abs(q.y - y) < 14)) continue;
      taken.push({ x: p.x, y, half });
      ctx.lineWidth = 3;
      ctx.strokeStyle = colours.ground;
      ctx.strokeText(part.name, p.x, y);
      ctx.fillText(part.name, p.x, y);
    }
  };

  /** One mark: a triangle with ! for late, a square for open, a circle for closed. */
  PM.mark = function (ctx, x, y, kind, size) {
    const colours = PM.THEMES[PM.view.theme];
    ctx.beginPath();
    if (kind === "late") {
      ctx.moveTo(x, y - size);
      ctx.lineTo(x + size, y + size * 0.8);
      ctx.lineTo(x - size, y + size * 0.8);
      ctx.closePath();
    } else if (kind === "open") ctx.rect(x - size * 0.75, y - size * 0.75, size * 1.5, size * 1.5);
    else ctx.arc(x, y, size * 0.8, 0, 7);
    ctx.fillStyle = colours[kind === "late" ? "late" : kind === "open" ? "problem" : "closed"];
    ctx.strokeStyle = PM.view.theme === "dark" ? "#000" : "#fff";
    ctx.lineWidth = 1.6;
    ctx.fill();
    ctx.stroke();
  };

  /** Problems: a mark each from close by, a small badge with the number for many. */
  PM.drawProblems = function (ctx, clusters, project) {
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.font = "600 11px " + FONT;
    for (const c of clusters) {
      const p = project(c.x, c.y);
      c.px = p.x;
      c.py = p.y;
      const kind = c.late ? "late" : c.open ? "open" : "closed";
      if (c.n === 1) {
        PM.mark(ctx, p.x, p.y, kind, 7);
        continue;
      }
      PM.badge(ctx, p.x, p.y, c.n > 9999 ? Math.round(c.n / 1000) + "k" : String(c.n), c.open);
    }
  };

  /** A pill with a number for several problems; green when none of them is open. */
  PM.badge = function (ctx, x, y, text, open) {
    const colours = PM.THEMES[PM.view.theme];
    ctx.font = "600 11px " + FONT;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    const half = Math.max(8, ctx.measureText(text).width / 2 + 4);
    ctx.beginPath();
    ctx.arc(x + half - 8, y, 8, -Math.PI / 2, Math.PI / 2);
    ctx.arc(x - half + 8, y, 8, Math.PI / 2, -Math.PI / 2);
    ctx.closePath();
    ctx.fillStyle = colours[open ? "problem" : "closed"];
    ctx.strokeStyle = PM.view.theme === "dark" ? "#000" : "#fff";
    ctx.lineWidth = 1.4;
    ctx.fill();
    ctx.stroke();
    ctx.fillStyle = PM.view.theme === "dark" ? "#000" : "#fff";
    ctx.fillText(text, x, y + 0.5);
  };

  function wire(ctx, project, line) {
    ctx.beginPath();
    for (let v = 0; v < line.x.length; v++) {
      const p = project(line.x[v], line.y[v]);
      if (v) ctx.lineTo(p.x, p.y);
      else ctx.moveTo(p.x, p.y);
    }
    ctx.stroke();
  }

  /** Raw tracks of the period, thin, above the lines they ran along. */
  PM.drawTracks = function (ctx, tracks, project, zoom) {
    ctx.strokeStyle = PM.THEMES[PM.view.theme].track;
    ctx.lineWidth = 1.4 * Math.min(1, PM.lineScale(zoom));
    ctx.setLineDash([]);
    for (const track of tracks) wire(ctx, project, track);
  };

  /** The chosen segment: a bright halo that leaves its own line readable. */
  PM.drawSelection = function (ctx, line, project, zoom) {
    const colours = PM.THEMES[PM.view.theme];
    ctx.lineCap = ctx.lineJoin = "round";
    // Wider than the band of a water.
    const width = 17 * PM.lineScale(zoom) + 6;
    for (const [colour, w] of [[colours.select, width], [colours.ground, width - 6]]) {
      ctx.strokeStyle = colour;
      ctx.lineWidth = w;
      ctx.beginPath();
      line.forEach(([x, y], k) => {
        const p = project(x, y);
        if (k) ctx.lineTo(p.x, p.y);
        else ctx.moveTo(p.x, p.y);
      });
      ctx.stroke();
    }
  };
})();
