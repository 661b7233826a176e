/* Lay a pack out in memory: vertices, boxes, columns, the visits of each segment. */
(function (root) {
  "use strict";
  const PM = (root.PM = root.PM || {});
  // Segments stand in Hilbert order, so thirty-two neighbours in the arrays share a small box.
  const GROUP = 32;

  function starts(counts) {
    const first = new Uint32Array(counts.length + 1);
    for (let i = 0; i < counts.length; i++) first[i + 1] = first[i] + counts[i];
    return first;
  }

  /** Lines as runs of vertices; a joined line gets the last vertex of the line before as its first. */
  function lines(pack, spec) {
    const counts = pack.ints(spec.counts), joined = pack.ints(spec.joined);
    const x = pack.ints(spec.x, Int32Array), y = pack.ints(spec.y, Int32Array);
    const first = new Uint32Array(counts.length + 1);
    for (let i = 0; i < counts.length; i++) first[i + 1] = first[i] + counts[i] + joined[i];
    const out = { first, x: new Int32Array(first[counts.length]), y: new Int32Array(first[counts.length]) };
    for (let i = 0, k = 0, v = 0; i < counts.length; i++) {
      if (joined[i]) {
        out.x[v] = x[k - 1];
        out.y[v++] = y[k - 1];
      }
      for (let c = counts[i]; c > 0; c--) {
        out.x[v] = x[k];
        out.y[v++] = y[k++];
      }
    }
    return out;
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

  function boxes(line, n) {
    const box = new Int32Array(4 * n);
    for (let i = 0; i < n; i++) {
      let w = 2147483647, s = w, e = -w, l = -w;
      for (let v = line.first[i]; v < line.first[i + 1]; v++) {
        const x = line.x[v], y = line.y[v];
        if (x < w) w = x;
        if (x > e) e = x;
        if (y < s) s = y;
        if (y > l) l = y;
      }
      box[4 * i] = w;
      box[4 * i + 1] = s;
      box[4 * i + 2] = e;
      box[4 * i + 3] = l;
    }
    return box;
  }

  function groups(box, n) {
    const count = Math.ceil(n / GROUP);
    const out = new Int32Array(4 * count);
    for (let g = 0; g < count; g++) {
      let w = 2147483647, s = w, e = -w, l = -w;
      for (let i = g * GROUP; i < Math.min(n, (g + 1) * GROUP); i++) {
        w = Math.min(w, box[4 * i]);
        s = Math.min(s, box[4 * i + 1]);
        e = Math.max(e, box[4 * i + 2]);
        l = Math.max(l, box[4 * i + 3]);
      }
      out.set([w, s, e, l], 4 * g);
    }
    return out;
  }

  /** Undo `_share` of payload.py: 0 none, 1 the whole, 2 what others leave, else millimetres + 3. */
  function shares(codes, length, others) {
    const out = new Int32Array(codes.length);
    for (let i = 0; i < codes.length; i++) {
      const code = codes[i];
      out[i] = code === 0 ? 0 : code === 1 ? length[i] : code - 3;
      if (code === 2) out[i] = others.reduce((rest, other) => rest - other[i], length[i]);
    }
    return out;
  }

  /** Add differences to a column of days; both ends of an unknown difference stay unknown. */
  function later(base, after) {
    const out = new Int32Array(base.length);
    for (let i = 0; i < base.length; i++) out[i] = base[i] + after[i];
    return out;
  }

  function table(pack, spec, numbers, texts) {
    const out = { n: spec.n };
    for (const name of numbers) if (spec.columns[name]) out[name] = pack.ints(spec.columns[name]);
    for (const name of texts) if (spec.columns[name]) out[name] = pack.text(spec.columns[name]);
    if (spec.columns.place) out.place = places(pack, spec.columns.place);
    return out;
  }

  function segmentTable(pack, spec, meta) {
    const out = table(
      pack,
      spec,
      ["start_mm", "length_mm", "state", "last_on", "due_after", "declared", "visits", "overdue_days",
        "last_offset_m", "last_minute"],
      ["course", "kind", "name", "grade", "area", "why", "last_by"]
    );
    for (const name of ["name_initials", "area_initials"]) out[name] = pack.words(spec.columns[name]);
    out.lines = lines(pack, spec.columns.lines);
    out.box = boxes(out.lines, spec.n);
    out.groups = groups(out.box, spec.n);
    out.group = GROUP;
    out.from_mm = new Int32Array(spec.n);
    for (let i = 0, end = 0; i < spec.n; i++) {
      out.from_mm[i] = end + out.start_mm[i];
      end = out.from_mm[i] + out.length_mm[i];
    }
    out.due_on = later(out.last_on, out.due_after);
    for (const name of meta.metres) {
      const others = (meta.rests[name] || []).map((other) => out[other]);
      out[name] = shares(pack.ints(spec.columns[name], Int32Array), out.length_mm, others);
    }
    return out;
  }

  function dutyTable(pack, spec) {
    const out = table(
      pack, spec,
      ["course", "from_mm", "to_mm", "from_on", "until_on", "set_of_segment"],
      ["side", "role", "level", "holder", "unit", "phone"]
    );
    for (const name of ["holder_initials", "unit_initials"]) out[name] = pack.words(spec.columns[name]);
    out.first = starts(pack.ints(spec.columns.set_lengths));
    out.members = pack.ints(spec.columns.set_members);
    return out;
  }

  function visitTable(pack, spec) {
    const c = spec.columns;
    const first = starts(pack.ints(c.counts));
    const day = pack.ints(c.wait, Uint16Array);
    for (let i = 0; i + 1 < first.length; i++) {
      for (let v = first[i] + 1; v < first[i + 1]; v++) day[v] += day[v - 1];
    }
    const kind = pack.ints(c.kind);
    const lows = pack.ints(c.low), highs = pack.ints(c.high);
    const low = new Uint8Array(spec.n), high = new Uint8Array(spec.n).fill(255);
    for (let i = 0, k = 0; i < spec.n; i++) {
      if (kind[i] & 1) continue;
      low[i] = lows[k];
      high[i] = highs[k++];
    }
    for (let i = 0; i < spec.n; i++) kind[i] >>= 1;
    return { n: spec.n, first, day, kind, low, high, first_day: c.first_day };
  }

  function problemTable(pack, spec) {
    const out = table(
      pack, spec,
      ["segment", "open", "late", "reported_on", "due_after", "closed_after", "chainage_m"],
      ["problem_id", "category", "status", "description", "photo", "owner", "unit", "reporter", "why"]
    );
    out.due_on = later(out.reported_on, out.due_after);
    out.closed_on = later(out.reported_on, out.closed_after);
    return out;
  }

  function drawn(pack, spec, numbers, texts) {
    const out = table(pack, spec, numbers, texts);
    out.lines = lines(pack, spec.columns.lines);
    return out;
  }

  PM.store = function (bytes) {
    const pack = new PM.Pack(bytes);
    const { meta, tables } = pack.header;
    const areas = table(pack, tables.areas, [], ["name", "level", "parent"]);
    areas.rings = lines(pack, tables.areas.columns.rings);
    areas.ring_area = pack.ints(tables.areas.columns.ring_area);
    return {
      meta,
      segments: segmentTable(pack, tables.segments, meta),
      levels: tables.levels.map((spec) => ({
        level: spec.level, state: pack.ints(spec.state), why: pack.text(spec.why),
      })),
      duties: dutyTable(pack, tables.duties),
      visits: visitTable(pack, tables.visits),
      patrols: table(pack, tables.patrols, [],
        ["patrol_id", "person", "unit", "role", "mode", "grade", "file"]),
      problems: problemTable(pack, tables.problems),
      parts: table(pack, tables.parts, [], ["part_id", "asset", "name", "part"]),
      areas,
      findings: table(pack, tables.findings, ["segment", "from_mm", "length_mm", "since_on"],
        ["finding_id", "rule", "severity", "side", "level", "who_acts", "evidence",
          "action", "why"]),
      tracks: drawn(pack, tables.tracks, ["day"], ["person", "mode"]),
      reasons: PM.reasonTable(pack, tables.reasons),
      routes: drawn(pack, tables.routes, ["order", "length_mm", "tenths", "at_min"], ["crew", "day", "kind", "step"]),
    };
  };
})(self);
