/* Answer questions about the store: which segments pass the filters, what they add up to,
   what lies under the pointer, what a card says. */
(function (root) {
  "use strict";
  const PM = (root.PM = root.PM || {});

  /** The words of a text column that pass a wanted list, as flags by code; null passes all. */
  function flags(text, wanted) {
    if (!wanted || !wanted.length) return null;
    const set = new Set(wanted);
    const out = new Uint8Array(text.words.size);
    for (let k = 0; k < out.length; k++) out[k] = set.has(text.words.word(k)) ? 1 : 0;
    return out;
  }

  /** The sets of duties that hold a duty with this holder and this unit, as flags by set. */
  function dutySets(duties, filter) {
    if (!filter.holder && !filter.unit) return null;
    const out = new Uint8Array(duties.first.length - 1);
    for (let s = 0; s < out.length; s++) {
      for (let k = duties.first[s]; k < duties.first[s + 1]; k++) {
        const d = duties.members[k];
        if (filter.holder && duties.holder.at(d) !== filter.holder) continue;
        if (filter.unit && duties.unit.at(d) !== filter.unit) continue;
        out[s] = 1;
        break;
      }
    }
    return out;
  }

  /** Whether each segment has a sure visit on a day from..until (days since 1970, both included). */
  function seenWithin(visits, n, from, until) {
    const out = new Uint8Array(n);
    const low = from - visits.first_day, high = until - visits.first_day;
    for (let i = 0; i < n; i++) {
      for (let v = visits.first[i]; v < visits.first[i + 1]; v++) {
        if (visits.kind[v] === 0 && visits.day[v] >= low && visits.day[v] <= high) {
          out[i] = 1;
          break;
        }
      }
    }
    return out;
  }

  class Query {
    constructor(store) {
      this.store = store;
      const n = store.segments.n;
      this.shown = new Uint8Array(n).fill(1);
      this.state = store.segments.state;
      this.why = store.segments.why;
      this.problemShown = new Uint8Array(store.problems.n);
      this.filter = {};
    }

    /** Apply a filter to segments and problems and return everything the panel shows. */
    apply(filter) {
      this.filter = filter;
      const { segments, levels, duties, visits } = this.store;
      const level = levels.find((l) => l.level === filter.level);
      this.state = level ? level.state : segments.state;
      this.why = level ? level.why : segments.why;
      const kinds = flags(segments.kind, filter.kinds);
      const areas = flags(segments.area, filter.areas);
      const sets = dutySets(duties, filter);
      const names = flags(segments.name, filter.asset ? [filter.asset] : null);
      const metre = filter.metre ? segments[filter.metre + "_m"] : null;
      const period = filter.from != null && filter.until != null;
      this.seen = period ? seenWithin(visits, segments.n, filter.from, filter.until) : null;
      const stateOn = new Uint8Array(this.store.meta.states.length).fill(1);
      for (const name of filter.hidden || []) stateOn[this.store.meta.states.indexOf(name)] = 0;
      const by = this.store.meta.states.map(() => ({ segments: 0, mm: 0 }));
      const metres = {};
      for (const name of this.store.meta.metres) metres[name] = 0;
      let total = 0, shown = 0, shownMm = 0, declared = 0;
      for (let i = 0; i < segments.n; i++) {
        this.shown[i] = 0;
        if (kinds && !kinds[segments.kind.codes[i]]) continue;
        if (areas && !areas[segments.area.codes[i]]) continue;
        if (names && !names[segments.name.codes[i]]) continue;
        if (sets && !sets[duties.set_of_segment[i]]) continue;
        if (period && filter.seen === "seen" && !this.seen[i]) continue;
        if (period && filter.seen === "unseen" && this.seen[i]) continue;
        const state = this.state[i];
        by[state].segments++;
        by[state].mm += segments.length_mm[i];
        total += segments.length_mm[i];
        for (const name of this.store.meta.metres) metres[name] += segments[name][i];
        if (this.onlyDeclared(i)) declared += segments.length_mm[i];
        if (!stateOn[state] || (metre && metre[i] < this.store.meta.ignore_mm)) continue;
        this.shown[i] = 1;
        shown++;
        shownMm += segments.length_mm[i];
      }
      const states = {};
      this.store.meta.states.forEach((name, s) => (states[name] = by[s]));
      return {
        segments: shown, mm: shownMm, total_mm: total, states, metres, declared_mm: declared,
        problems: this.applyProblems(filter, period), gaps: this.gaps(40),
      };
    }

    /** Whether patrols only declared to have seen a segment: evidence C, which never covers. */
    onlyDeclared(i) {
      const { segments } = this.store;
      return segments.declared[i] > 0 && segments.covered_m[i] === 0;
    }

    applyProblems(filter, period) {
      const { problems } = this.store;
      const categories = flags(problems.category, filter.categories);
      const placeFilter = filter.kinds || filter.areas || filter.asset || filter.holder || filter.unit || filter.metre ||
        (filter.hidden && filter.hidden.length);
      const count = { shown: 0, open: 0, late: 0, closed: 0, unplaced: 0 };
      for (let i = 0; i < problems.n; i++) {
        this.problemShown[i] = 0;
        if (categories && !categories[problems.category.codes[i]]) continue;
        const s = problems.segment[i];
        if (placeFilter && (s < 0 || !this.shown[s])) continue;
        if (period && (problems.reported_on[i] < filter.from || problems.reported_on[i] > filter.until)) continue;
        if (problems.open[i]) count.open++;
        else count.closed++;
        if (problems.late[i]) count.late++;
        if (filter.problems === "none") continue;
        if (filter.problems !== "all" && !problems.open[i]) continue;
        if (filter.problems === "late" && !problems.late[i]) continue;
        if (!problems.place.placed[i]) count.unplaced++;
        this.problemShown[i] = 1;
        count.shown++;
      }
      return count;
    }

    /** The worst segments shown: nobody answers first, then never seen, then longest overdue. */
    gaps(most) {
      const { segments, meta } = this.store;
      const rank = { unassigned: 3, never: 2, overdue: 1, conflicting: 0.5 };
      const worth = meta.states.map((name) => rank[name] || 0);
      const best = [];
      for (let i = 0; i < segments.n; i++) {
        if (!this.shown[i]) continue;
        const w = worth[this.state[i]];
        if (!w) continue;
        const score = w * 1e13 + (w === 1 ? Math.max(0, segments.overdue_days[i]) * 1e9 : 0) + segments.length_mm[i];
        if (best.length === most && score <= best[most - 1].score) continue;
        let k = best.length;
        while (k > 0 && best[k - 1].score < score) k--;
        best.splice(k, 0, { i, score });
        if (best.length > most) best.pop();
      }
      return best.map(({ i }) => this.brief(i));
    }

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
      const { segments } = this.store;
      const { box, groups, group, lines } = segments;
      let best = -1, nearest = reach * reach;
      for (let g = 0; 4 * g < groups.length; g++) {
        if (x < groups[4 * g] - reach || x > groups[4 * g + 2] + reach) continue;
        if (y < groups[4 * g + 1] - reach || y > groups[4 * g + 3] + reach) continue;
        for (let i = g * group; i < Math.min(segments.n, (g + 1) * group); i++) {
          if (!this.shown[i]) continue;
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

    /** Everything a card says about a segment. */
    card(i) {
      const { segments, levels, visits, patrols, problems } = this.store;
      const card = this.brief(i);
      card.grade = segments.grade.at(i);
      card.why = this.why.at(i);
      card.last_on = segments.last_on[i];
      card.last_minute = segments.last_minute ? segments.last_minute[i] : -1;
      card.last_offset_m = segments.last_offset_m[i];
      card.due_on = segments.due_on[i];
      card.declared = segments.declared[i];
      card.visits = segments.visits[i];
      card.metres = {};
      for (const name of this.store.meta.metres) card.metres[name] = segments[name][i];
      const by = segments.last_by.at(i);
      const patrol = by ? rowOf(patrols.patrol_id, by) : -1;
      card.patrol = patrol < 0 ? null : {
        id: by, person: patrols.person.at(patrol), unit: patrols.unit.at(patrol),
        mode: patrols.mode.at(patrol), grade: patrols.grade.at(patrol), file: patrols.file.at(patrol),
      };
      card.levels = levels.map((l) => ({
        level: l.level, state: this.store.meta.states[l.state[i]], why: l.why.at(i),
      }));
      card.duties = this.dutiesOf(i);
      card.days = [];
      for (let v = visits.first[i + 1] - 1; v >= visits.first[i] && card.days.length < 12; v--) {
        card.days.push({ day: visits.first_day + visits.day[v], kind: visits.kind[v] });
      }
      card.problems = [];
      for (let p = 0; p < problems.n; p++) if (problems.segment[p] === i) card.problems.push(this.problem(p));
      card.line = this.line(i);
      card.reasons = PM.reasonsOf(this.store.reasons, i);
      return card;
    }

    dutiesOf(i) {
      const { duties, segments } = this.store;
      const out = [];
      const set = duties.set_of_segment[i];
      const end = segments.from_mm[i] + segments.length_mm[i];
      for (let k = duties.first[set]; k < duties.first[set + 1]; k++) {
        const d = duties.members[k];
        out.push({
          level: duties.level.at(d), role: duties.role.at(d), holder: duties.holder.at(d),
          unit: duties.unit.at(d), phone: duties.phone.at(d), side: duties.side.at(d),
          from_on: duties.from_on[d], until_on: duties.until_on[d],
          from_mm: Math.max(duties.from_mm[d], segments.from_mm[i]), to_mm: Math.min(duties.to_mm[d], end),
        });
      }
      return out;
    }

    problem(p) {
      const { problems } = this.store;
      const out = { p, open: problems.open[p], late: problems.late[p], reported_on: problems.reported_on[p],
        due_on: problems.due_on[p], closed_on: problems.closed_on[p], chainage_m: problems.chainage_m[p],
        segment: problems.segment[p], placed: problems.place.placed[p],
        x: problems.place.x[p], y: problems.place.y[p] };
      for (const name of ["problem_id", "category", "status", "description", "photo", "owner", "unit",
        "reporter", "why"]) out[name] = problems[name].at(p);
      return out;
    }

    line(i) {
      const { lines } = this.store.segments;
      const out = [];
      for (let v = lines.first[i]; v < lines.first[i + 1]; v++) out.push([lines.x[v], lines.y[v]]);
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

    /** Findings worst first, up to `most`, of one rule or of all, with how many each rule has. */
    findings(rule, most) {
      const { findings } = this.store;
      const counts = {};
      const rows = [];
      for (let f = 0; f < findings.n; f++) {
        const name = findings.rule.at(f);
        counts[name] = (counts[name] || 0) + 1;
        if ((rule && name !== rule) || rows.length >= most) continue;
        const out = { f, segment: findings.segment[f], length_mm: findings.length_mm[f],
          from_mm: findings.from_mm[f], since_on: findings.since_on[f], placed: findings.place.placed[f],
          x: findings.place.x[f], y: findings.place.y[f] };
        for (const text of ["rule", "severity", "side", "level", "who_acts", "evidence", "action", "why"]) {
          out[text] = findings[text].at(f);
        }
        out.name = out.segment >= 0 ? this.store.segments.name.at(out.segment) : "";
        rows.push(out);
      }
      return { rows, counts };
    }

    /** Raw tracks of the days from..until, each a flat run of cells. */
    tracks(from, until, most) {
      const { tracks } = this.store;
      const out = [];
      for (let k = 0; k < tracks.n && out.length < most; k++) {
        if (tracks.day[k] < from || tracks.day[k] > until) continue;
        const { first, x, y } = tracks.lines;
        out.push({ day: tracks.day[k], x: x.slice(first[k], first[k + 1]), y: y.slice(first[k], first[k + 1]) });
      }
      return out;
    }

    /** Problems shown in a box of cells, one circle for all that fall into one square of `side`. */
    clusters(box, side) {
      const { problems } = this.store;
      const cells = new Map();
      for (let p = 0; p < problems.n; p++) {
        if (!this.problemShown[p] || !problems.place.placed[p]) continue;
        const x = problems.place.x[p], y = problems.place.y[p];
        if (x < box[0] || x > box[2] || y < box[1] || y > box[3]) continue;
        const key = Math.floor(x / side) * 67108864 + Math.floor(y / side);
        let c = cells.get(key);
        if (!c) cells.set(key, (c = { x: 0, y: 0, n: 0, open: 0, late: 0, p }));
        c.x += x;
        c.y += y;
        c.n++;
        c.open += problems.open[p];
        c.late += problems.late[p];
      }
      return Array.from(cells.values(), (c) => ({ ...c, x: c.x / c.n, y: c.y / c.n }));
    }
  }

  function rowOf(text, word) {
    for (let r = 0; r < text.codes.length; r++) if (text.at(r) === word) return r;
    return -1;
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

  PM.Query = Query;
})(self);
