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

  /** What room words have: boxes around places, `half` as wide and `tall` as high to each side. */
  PM.Room = class {
    constructor() {
      this.taken = [];
    }
    keep(x, y, half, tall) {
      this.taken.push({ x, y, half, tall });
    }
    /** Take a box; false where something stands there. */
    free(x, y, half, tall) {
      if (this.taken.some((q) => Math.abs(q.x - x) < q.half + half && Math.abs(q.y - y) < q.tall + tall)) return false;
      this.keep(x, y, half, tall);
      return true;
    }
  };

  /** Dress the pen for words in the colour `fill`, with an edge that parts them from the lines. */
  function pen(ctx, font, fill) {
    ctx.font = font + " " + FONT;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.lineJoin = "round";
    ctx.lineWidth = 3;
    ctx.strokeStyle = PM.THEMES[PM.view.theme].ground;
    ctx.fillStyle = fill;
    ctx.setLineDash([]);
  }

  function word(ctx, text, x, y) {
    ctx.strokeText(text, x, y);
    ctx.fillText(text, x, y);
  }

  // An area's name gives way to a mark: above it or below it, else it is left out.
  const GIVE_WAY = [0, -18, 18, -27, 27];

  /** The names of the areas, above the lines, where the area is wider than its name. */
  PM.drawNames = function (ctx, project, zoom, room) {
    const { names } = PM.about, places = new PM.Room();
    pen(ctx, "500 13px", PM.THEMES[PM.view.theme].name);
    for (let a = 0; a < names.name.length; a++) {
      if (!names.place.placed[a]) continue;
      const p = project(names.place.x[a], names.place.y[a]);
      const half = ctx.measureText(names.name[a]).width / 2 + 4;
      // A county's name moved off its town's would seem to be another place.
      if (widths()[a] * PM.cells.scale(zoom) < 3 * half || !places.free(p.x, p.y, half, 9)) continue;
      const off = GIVE_WAY.find((dy) => room.free(p.x, p.y + dy, half, 9));
      if (off !== undefined) word(ctx, names.name[a], p.x, p.y + off);
    }
  };

  // A place of each rank has its name from this zoom on, where nothing of the office's own stands.
  const TOWNS_FROM = [6, 10, 12, 14];

  const TOWN_FONT = "12px";

  /** Which towns and villages of the backdrop have room for their names; those of the office's own areas are said already. */
  PM.placeTowns = function (ctx, project, zoom, room) {
    const { towns, names } = PM.about, own = new Set(names.name);
    const [west, north, east, south] = PM.cells.box(PM.map.getBounds());
    pen(ctx, TOWN_FONT, "");
    return towns.filter(({ rank, name, x, y }) => {
      if (zoom < TOWNS_FROM[rank] || x < west || x > east || y < north || y > south || own.has(name)) return false;
      const p = project(x, y);
      // Far from each other: they are there to find the way, not to be read.
      return room.free(p.x, p.y, ctx.measureText(name).width / 2 + 16, 16);
    });
  };

  /** The names of towns, below the lines: none may hide a stretch. */
  PM.drawTowns = function (ctx, towns, project) {
    pen(ctx, TOWN_FONT, PM.THEMES[PM.view.theme].name);
    for (const { name, x, y } of towns) {
      const p = project(x, y);
      word(ctx, name, p.x, p.y);
    }
  };

  /** Keep words off the marks that are drawn above them; a mark may say how many it stands for. */
  PM.keepMarks = function (ctx, marks, project, zoom, room) {
    const parts = zoom < 14 ? [] : PM.about.parts.filter((part) => part.placed);
    for (const { x, y, n } of [...parts, ...marks]) {
      const p = project(x, y);
      room.keep(p.x, p.y, n > 1 ? halfBadge(ctx, counted(n)) : 8, 8);
    }
  };

  /** The names of rivers and roads, along their lines and beside them; of shores, in their middle or beyond them. */
  PM.drawLabels = function (ctx, project, labels, zoom, room) {
    pen(ctx, "600 12px", PM.THEMES[PM.view.theme].label);
    const beside = 12 * PM.lineScale(zoom) + 7;
    for (const { name, spots, shore } of labels) {
      const half = ctx.measureText(name).width / 2 + 2;
      if (shore) ashore(ctx, name, half, shore, project, beside, room);
      else spots.some((spot) => along(ctx, name, half, spot, project(spot.x, spot.y), beside, room));
    }
  };

  /** Write a name where it hides nothing of its own shore: on a wide water, else below or above it. */
  function ashore(ctx, name, half, { west, north, east, south }, project, beside, room) {
    const a = project(west, north), b = project(east, south);
    const x = (a.x + b.x) / 2, wide = b.x - a.x > 6 * half && b.y - a.y > 60;
    const y = [...(wide ? [(a.y + b.y) / 2] : []), b.y + beside, a.y - beside].find((at) => room.free(x, at, half, 8));
    if (y !== undefined) word(ctx, name, x, y);
  }

  /** Write a name along its line, `beside` pixels off it; false where something stands there. */
  function along(ctx, name, half, { dx, dy }, on, beside, room) {
    let turn = Math.atan2(dy, dx);
    // Never upside down.
    if (Math.abs(turn) > Math.PI / 2) turn -= Math.sign(turn) * Math.PI;
    const x = on.x + beside * Math.sin(turn), y = on.y - beside * Math.cos(turn);
    const wide = Math.abs(Math.cos(turn)) * half + Math.abs(Math.sin(turn)) * 8;
    const tall = Math.abs(Math.sin(turn)) * half + Math.abs(Math.cos(turn)) * 8;
    if (!room.free(x, y, wide, tall)) return false;
    ctx.save();
    ctx.translate(x, y);
    ctx.rotate(turn);
    word(ctx, name, 0, 0);
    ctx.restore();
    return true;
  }

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
  PM.drawParts = function (ctx, project, zoom, room) {
    if (zoom < 14) return;
    const placed = PM.about.parts.filter((part) => part.placed).map((part) => ({ ...part, at: project(part.x, part.y) }));
    for (const { at, part } of placed) PM.partMark(ctx, at.x, at.y, part);
    if (zoom < 15) return;
    pen(ctx, "11px", PM.THEMES[PM.view.theme].name);
    for (const { at, name } of placed) {
      if (name && room.free(at.x, at.y + 16, ctx.measureText(name).width / 2 + 3, 7)) word(ctx, name, at.x, at.y + 16);
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
      PM.badge(ctx, p.x, p.y, counted(c.n), c.open);
    }
  };

  const counted = (n) => (n > 9999 ? Math.round(n / 1000) + "k" : String(n));

  function halfBadge(ctx, text) {
    ctx.font = "600 11px " + FONT;
    return Math.max(8, ctx.measureText(text).width / 2 + 4);
  }

  /** A pill with a number for several problems; green when none of them is open. */
  PM.badge = function (ctx, x, y, text, open) {
    const colours = PM.THEMES[PM.view.theme], half = halfBadge(ctx, text);
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
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

  /** The chosen place: a ring around its mark. */
  PM.drawSpot = function (ctx, { x, y }) {
    ctx.setLineDash([]);
    ctx.beginPath();
    ctx.arc(x, y, 17, 0, 7);
    ctx.strokeStyle = PM.THEMES[PM.view.theme].select;
    ctx.lineWidth = 5;
    ctx.stroke();
  };

  /** The chosen stretch, a line a segment: a bright halo that leaves its own lines readable. */
  PM.drawSelection = function (ctx, lines, project, zoom) {
    const colours = PM.THEMES[PM.view.theme];
    ctx.lineCap = ctx.lineJoin = "round";
    // Wider than the band of a water.
    const width = 17 * PM.lineScale(zoom) + 6;
    for (const [colour, w] of [[colours.select, width], [colours.ground, width - 6]]) {
      ctx.strokeStyle = colour;
      ctx.lineWidth = w;
      ctx.beginPath();
      for (const line of lines) {
        line.forEach(([x, y], k) => {
          const p = project(x, y);
          if (k) ctx.lineTo(p.x, p.y);
          else ctx.moveTo(p.x, p.y);
        });
      }
      ctx.stroke();
    }
  };
})();
