/* Answer where and which: what lies under the pointer, which segment an id names, what an area of
   the map holds. */
(function (root) {
  "use strict";
  const PM = (root.PM = root.PM || {});

  /** A store under a filter: PM.Sieve says what of it is shown. */
  PM.Query = class extends PM.Sieve {
    brief(i) {
      const { segments, meta } = this.store;
      return {
        i, id: this.idOf(i), name: segments.name.at(i), kind: segments.kind.at(i), area: segments.area.at(i),
        from_mm: segments.from_mm[i], length_mm: segments.length_mm[i],
        state: meta.states[this.state[i]], overdue_days: segments.overdue_days[i],
      };
    }

    /** A segment is known by its course and start: the same on every run while the course is. */
    idOf(i) {
      const { segments } = this.store;
      return segments.course.at(i) + "@" + segments.from_mm[i];
    }

    find(id) {
      const { segments } = this.store;
      const cut = id.lastIndexOf("@");
      const course = id.slice(0, cut), from = Number(id.slice(cut + 1));
      const code = segments.course.words.all().indexOf(course);
      if (code < 0) return -1;
      let found = -1;
      for (let i = 0; i < segments.n; i++) {
        if (segments.course.codes[i] !== code) continue;
        if (segments.from_mm[i] <= from && from < segments.from_mm[i] + segments.length_mm[i]) found = i;
      }
      return found;
    }

    /** The shown segment nearest to a place in cells, within `reach` cells, or -1. */
    hit(x, y, reach) {
      const { box, groups, group, lines, n } = this.store.segments;
      const { shown } = this;
      let best = -1, nearest = reach * reach;
      for (let g = 0; 4 * g < groups.length; g++) {
        if (x < groups[4 * g] - reach || x > groups[4 * g + 2] + reach) continue;
        if (y < groups[4 * g + 1] - reach || y > groups[4 * g + 3] + reach) continue;
        for (let i = g * group; i < Math.min(n, (g + 1) * group); i++) {
          if (!shown[i]) continue;
          if (x < box[4 * i] - reach || x > box[4 * i + 2] + reach) continue;
          if (y < box[4 * i + 1] - reach || y > box[4 * i + 3] + reach) continue;
          const d = distance2(lines, i, x, y);
          if (d < nearest || (d === nearest && best < 0)) {
            nearest = d;
            best = i;
          }
        }
      }
      return best;
    }

    /** The vertices of a segment, in cells. */
    line(i) {
      const { lines } = this.store.segments;
      const out = [];
      for (let v = lines.first[i]; v < lines.first[i + 1]; v++) out.push([lines.x[v], lines.y[v]]);
      return out;
    }

    /** What lies between two chainages of the course of segment `first`, from that segment on: a line a segment. */
    stretch(first, from, until) {
      const { course, from_mm, length_mm, n } = this.store.segments;
      const out = [];
      for (let i = first; i < n && course.codes[i] === course.codes[first] && from_mm[i] < until; i++) {
        const share = (mm) => Math.max(0, Math.min(1, (mm - from_mm[i]) / length_mm[i]));
        out.push(between(this.line(i), share(from), share(until)));
      }
      return out;
    }

    /** The box of the segments shown, or null. */
    extent() {
      const { box, n } = this.store.segments;
      const out = [Infinity, Infinity, -Infinity, -Infinity];
      for (let i = 0; i < n; i++) {
        if (!this.shown[i]) continue;
        out[0] = Math.min(out[0], box[4 * i]);
        out[1] = Math.min(out[1], box[4 * i + 1]);
        out[2] = Math.max(out[2], box[4 * i + 2]);
        out[3] = Math.max(out[3], box[4 * i + 3]);
      }
      return out[0] === Infinity ? null : out;
    }

    /** Problems shown in a box of cells, one circle for all that fall into one square of `side`. */
    clusters(box, side) {
      const { place, open, late } = this.store.problems;
      const { problemShown } = this;
      const cells = new Map();
      for (let p = 0; p < problemShown.length; p++) {
        if (!problemShown[p] || !place.placed[p]) continue;
        const x = place.x[p], y = place.y[p];
        if (x < box[0] || x > box[2] || y < box[1] || y > box[3]) continue;
        const key = Math.floor(x / side) * 67108864 + Math.floor(y / side);
        let c = cells.get(key);
        if (!c) cells.set(key, (c = { x: 0, y: 0, n: 0, open: 0, late: 0, p }));
        c.x += x;
        c.y += y;
        c.n++;
        c.open += open[p];
        c.late += late[p];
      }
      return Array.from(cells.values(), (c) => ({ ...c, x: c.x / c.n, y: c.y / c.n }));
    }
  };

  /** The part of a line from one share of its length to another. */
  function between(line, low, high) {
    if (low <= 0 && high >= 1) return line;
    const along = [0];
    for (let v = 1; v < line.length; v++) along.push(along[v - 1] + Math.hypot(line[v][0] - line[v - 1][0], line[v][1] - line[v - 1][1]));
    const full = along[line.length - 1], from = low * full, to = high * full;
    const at = (far) => {
      let v = 1;
      while (v < line.length - 1 && along[v] < far) v++;
      const t = along[v] > along[v - 1] ? (far - along[v - 1]) / (along[v] - along[v - 1]) : 0;
      return [0, 1].map((axis) => line[v - 1][axis] + t * (line[v][axis] - line[v - 1][axis]));
    };
    return [at(from), ...line.filter((_, v) => along[v] > from && along[v] < to), at(to)];
  }

  function distance2(lines, i, x, y) {
    let best = Infinity;
    for (let v = lines.first[i]; v < lines.first[i + 1] - 1; v++) {
      const ax = lines.x[v], ay = lines.y[v];
      const dx = lines.x[v + 1] - ax, dy = lines.y[v + 1] - ay;
      const long = dx * dx + dy * dy;
      const t = long ? Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / long)) : 0;
      const ex = ax + t * dx - x, ey = ay + t * dy - y;
      best = Math.min(best, ex * ex + ey * ey);
    }
    return best;
  }
})(self);
