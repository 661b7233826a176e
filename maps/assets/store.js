/* Lay a pack out in memory: vertices, boxes, columns, the visits of each segment. Columns are read
   when they are first asked for: the first picture needs less than half of them. */
(function (root) {
  "use strict";
  const PM = (root.PM = root.PM || {});
  // Segments stand in Hilbert order, so thirty-two neighbours in the arrays share a small box.
  const GROUP = 32;

  /** Let out[name] be what `read` returns, read when it is first asked for. */
  function late(out, name, read, unread) {
    Object.defineProperty(out, name, {
      configurable: true, enumerable: true,
      get() {
        const value = read();
        Object.defineProperty(out, name, { value, configurable: true, enumerable: true, writable: true });
        return value;
      },
    });
    unread.push(() => void out[name]);
  }

  function starts(counts) {
    const first = new Uint32Array(counts.length + 1);
    for (let i = 0; i < counts.length; i++) first[i + 1] = first[i] + counts[i];
    return first;
  }

  /** Lines as runs of vertices, each with its box; a joined line gets the last vertex of the line before as its first. */
  function lines(pack, spec) {
    const counts = pack.ints(spec.counts), joined = pack.ints(spec.joined), n = counts.length;
    const from_x = pack.ints(spec.x, Int32Array), from_y = pack.ints(spec.y, Int32Array);
    const first = new Uint32Array(n + 1);
    for (let i = 0; i < n; i++) first[i + 1] = first[i] + counts[i] + joined[i];
    const x = new Int32Array(first[n]), y = new Int32Array(first[n]), box = new Int32Array(4 * n);
    for (let i = 0, k = 0; i < n; i++) {
      let w = 2147483647, s = w, e = -w, l = -w;
      // A joined line begins one vertex back.
      k -= joined[i];
      for (let v = first[i], end = first[i + 1]; v < end; v++, k++) {
        const px = (x[v] = from_x[k]), py = (y[v] = from_y[k]);
        if (px < w) w = px;
        if (px > e) e = px;
        if (py < s) s = py;
        if (py > l) l = py;
      }
      box[4 * i] = w;
      box[4 * i + 1] = s;
      box[4 * i + 2] = e;
      box[4 * i + 3] = l;
    }
    return { first, x, y, box };
  }

  /** Spread the places of the rows that have one over all rows; a row without gets placed = 0. */
  function places(pack, spec) {
    const placed = pack.ints(spec.placed);
    const x = pack.ints(spec.x, Int32Array);
    const y = pack.ints(spec.y, Int32Array);
    const at = { placed, x: new Int32Array(placed.length), y: new Int32Array(placed.length) };
    for (let i = 0, k = 0; i < placed.length; i++) {
      if (!placed[i]) continue;
      at.x[i] = x[k];
      at.y[i] = y[k++];
    }
    return at;
  }

  /** The box of each group of neighbours. */
  function groups(box, n) {
    const count = Math.ceil(n / GROUP);
    const out = new Int32Array(4 * count);
    for (let g = 0; g < count; g++) {
      let w = 2147483647, s = w, e = -w, l = -w;
      for (let b = 4 * g * GROUP; b < Math.min(4 * n, 4 * (g + 1) * GROUP); b += 4) {
        if (box[b] < w) w = box[b];
        if (box[b + 1] < s) s = box[b + 1];
        if (box[b + 2] > e) e = box[b + 2];
        if (box[b + 3] > l) l = box[b + 3];
      }
      out[4 * g] = w;
      out[4 * g + 1] = s;
      out[4 * g + 2] = e;
      out[4 * g + 3] = l;
    }
    return out;
  }

  /** Undo `_shares` of pack_segments.py: 0 none, 1 the whole, 2 what others leave, else millimetres + 3. */
  function shares(codes, length, others) {
    const out = new Int32Array(codes.length);
    for (let i = 0; i < codes.length; i++) {
      const code = codes[i];
      out[i] = code === 0 ? 0 : code < 3 ? length[i] : code - 3;
    }
    for (const other of others) for (let i = 0; i < codes.length; i++) if (codes[i] === 2) out[i] -= other[i];
    return out;
  }

  /** Add differences to a column of days; both ends of an unknown difference stay unknown. */
  function later(base, after) {
    const out = new Int32Array(base.length);
    for (let i = 0; i < base.length; i++) out[i] = base[i] + after[i];
    return out;
  }

  /** A table whose named columns are numbers and texts; `made` adds columns that are worked out. */
  function table(pack, spec, numbers, texts, made) {
    const out = { n: spec.n }, c = spec.columns;
    const column = (name, read) => late(out, name, read, pack.unread);
    for (const name of numbers) if (c[name]) column(name, () => pack.ints(c[name]));
    for (const name of texts) if (c[name]) column(name, () => pack.text(c[name]));
    if (c.place) column("place", () => places(pack, c.place));
    if (c.lines) column("lines", () => lines(pack, c.lines));
    if (made) for (const [name, read] of Object.entries(made(out, c))) column(name, read);
    return out;
  }

  function segmentTable(pack, spec, meta) {
    const { n } = spec;
    const numbers = ["length_mm", "state", "last_on", "declared", "visits", "overdue_days", "last_offset_m", "last_minute"];
    const texts = ["course", "kind", "name", "grade", "area", "why", "last_by"];
    const out = table(pack, spec, numbers, texts, (t, c) => {
      const made = {
        box: () => t.lines.box,
        groups: () => groups(t.box, n),
        from_mm: () => tiled(pack.ints(c.start_mm), t.length_mm),
        due_on: () => later(t.last_on, pack.ints(c.due_after)),
        name_initials: () => pack.words(c.name_initials),
        area_initials: () => pack.words(c.area_initials),
      };
      for (const name of meta.metres) {
        made[name] = () => shares(pack.ints(c[name], Int32Array), t.length_mm, (meta.rests[name] || []).map((other) => t[other]));
      }
      return made;
    });
    out.group = GROUP;
    out.bounds = spec.columns.lines.box;
    return out;
  }

  /** Where each segment starts: so far from the end of the one before. */
  function tiled(jumps, length) {
    const out = new Int32Array(jumps.length);
    for (let i = 0, end = 0; i < out.length; i++) {
      out[i] = end + jumps[i];
      end = out[i] + length[i];
    }
    return out;
  }

  function dutyTable(pack, spec) {
    const numbers = ["course", "from_mm", "to_mm", "from_on", "until_on", "set_of_segment"];
    return table(pack, spec, numbers, ["side", "role", "level", "holder", "unit", "phone"], (t, c) => ({
      holder_initials: () => pack.words(c.holder_initials),
      unit_initials: () => pack.words(c.unit_initials),
      first: () => starts(pack.ints(c.set_lengths)),
      members: () => pack.ints(c.set_members),
    }));
  }

  function visitTable(pack, spec) {
    const { first_day } = spec.columns;
    const out = table(pack, spec, ["day_mm"], [], (t, c) => ({
      first: () => starts(pack.ints(c.counts)),
      day: () => visitDays(pack.ints(c.wait, Uint16Array), t.first),
      // Twice the kind, plus one where the whole segment was seen.
      kind: () => pack.ints(c.kind).map((k) => k >> 1),
      low: () => partly(pack.ints(c.kind), pack.ints(c.low), 0),
      high: () => partly(pack.ints(c.kind), pack.ints(c.high), 255),
    }));
    out.first_day = first_day;
    return out;
  }

  function visitDays(day, first) {
    for (let i = 0; i + 1 < first.length; i++) {
      for (let v = first[i] + 1; v < first[i + 1]; v++) day[v] += day[v - 1];
    }
    return day;
  }

  /** Spread the ends of visits of a part over all visits; `whole` where all was seen. */
  function partly(kinds, ends, whole) {
    const out = new Uint8Array(kinds.length);
    for (let i = 0, k = 0; i < kinds.length; i++) out[i] = kinds[i] & 1 ? whole : ends[k++];
    return out;
  }

  function problemTable(pack, spec) {
    const texts = ["problem_id", "category", "status", "description", "photo", "owner", "unit", "reporter", "why"];
    return table(pack, spec, ["segment", "open", "late", "reported_on", "chainage_m"], texts, (t, c) => ({
      due_on: () => later(t.reported_on, pack.ints(c.due_after)),
      closed_on: () => later(t.reported_on, pack.ints(c.closed_after)),
    }));
  }

  function areaTable(pack, spec) {
    return table(pack, spec, ["ring_area"], ["name", "level", "parent"], (t, c) => ({ rings: () => lines(pack, c.rings) }));
  }

  /** The backdrop, without a row where the page has none. */
  function groundTable(pack, spec) {
    return Object.assign(table(pack, { columns: {}, ...spec }, ["kind", "rank"], ["name"]), { bits: spec.bits, west: spec.west, north: spec.north });
  }

  /** The store of a pack. `unread` are calls that each read one column, for when there is time. */
  PM.store = function (bytes) {
    const pack = new PM.Pack(bytes);
    const { meta, tables } = pack.header;
    const { n, left_out, nowhere } = tables.flagged;
    pack.unread = [];
    const store = {
      meta,
      // How many the page has no room for.
      left_out: { tracks: tables.tracks.left_out, reasons: tables.reasons.left_out },
      flagged_sums: { n, left_out, nowhere },
      unread: pack.unread,
      segments: segmentTable(pack, tables.segments, meta),
      levels: tables.levels.map((spec) => Object.assign(table(pack, { columns: spec }, ["state"], ["why"]), { level: spec.level })),
      duties: dutyTable(pack, tables.duties),
      visits: visitTable(pack, tables.visits),
      patrols: table(pack, tables.patrols, [],
        ["patrol_id", "person", "unit", "role", "mode", "grade", "file"]),
      problems: problemTable(pack, tables.problems),
      parts: table(pack, tables.parts, [], ["part_id", "asset", "name", "part"]),
      areas: areaTable(pack, tables.areas),
      findings: table(pack, tables.findings, ["segment", "from_mm", "length_mm", "since_on"],
        ["finding_id", "rule", "severity", "side", "level", "who_acts", "evidence",
          "action", "why"]),
      tracks: table(pack, tables.tracks, ["day"], ["person", "mode"]),
      ground: groundTable(pack, tables.ground),
      routes: table(pack, tables.routes, ["order", "length_mm", "tenths", "at_min"], ["crew", "day", "kind", "step"]),
    };
    late(store, "flagged", () => PM.flaggedTable(pack, tables.flagged), pack.unread);
    late(store, "reasons", () => PM.reasonTable(pack, tables.reasons), pack.unread);
    return store;
  };
})(self);
