/* Fixes that something is the matter with (see maps/pack_flagged.py): those of a period, and what each mark says. */
(function (root) {
  "use strict";
  const PM = (root.PM = root.PM || {});
  // More rows in one card are not read.
  const MOST_ROWS = 20;

  PM.flaggedTable = function (pack, spec) {
    const { n } = spec;
    if (!n) return { n };
    const c = spec.columns, first = pack.ints(c.first);
    return {
      n, words: spec.words, used: new Set(spec.used),
      x: pack.ints(c.x, Int32Array), y: pack.ints(c.y, Int32Array), day: pack.ints(c.day), flag: pack.ints(c.flag),
      first, last: pack.ints(c.lasted, Int32Array).map((minutes, m) => minutes + first[m]), count: pack.ints(c.count), who: pack.text(c.who),
    };
  };

  /** The fixes of the days from..until: how many of each flag that occurs, the most frequent first. */
  PM.flaggedCounts = function ({ n, day, flag, count, words, used }, from, until) {
    const counts = new Map();
    for (let m = 0; m < n; m++) {
      if (day[m] >= from && day[m] <= until) counts.set(flag[m], (counts.get(flag[m]) || 0) + count[m]);
    }
    return Array.from(counts, ([f, fixes]) => ({ words: words[f], used: used.has(f), n: fixes })).sort((a, b) => b.n - a.n);
  };

  /** Marks of the days from..until in a box of cells; one for all of a sort in one square of `side`. */
  PM.flaggedWithin = function ({ n, x, y, day, flag, count, used }, box, side, from, until) {
    const squares = new Map();
    for (let m = 0; m < n; m++) {
      if (day[m] < from || day[m] > until) continue;
      if (x[m] < box[0] || x[m] > box[2] || y[m] < box[1] || y[m] > box[3]) continue;
      const kept = used.has(flag[m]);
      const key = 2 * (Math.floor(x[m] / side) * 67108864 + Math.floor(y[m] / side)) + Number(kept);
      const mark = squares.get(key);
      if (!mark) {
        // The first of a square gives it its place: a middle may lie where nobody was.
        squares.set(key, { x: x[m], y: y[m], n: count[m], used: kept, rows: [m], more: 0 });
        continue;
      }
      mark.n += count[m];
      if (mark.rows.length < MOST_ROWS) mark.rows.push(m);
      else mark.more++;
    }
    return Array.from(squares.values());
  };

  PM.flaggedRows = function (flagged, rows) {
    return rows.map((m) => ({
      day: flagged.day[m], first: flagged.first[m], last: flagged.last[m], n: flagged.count[m],
      who: flagged.who.at(m), words: flagged.words[flagged.flag[m]],
    }));
  };
})(self);
