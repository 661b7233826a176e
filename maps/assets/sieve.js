/* Filter: which segments and problems are shown, what they add up to, which are worst. Every filter
   is a flag for each word of a dictionary, looked up by the code of each row. */
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
  function seenWithin({ first, day, kind, first_day }, from, until) {
    const out = new Uint8Array(first.length - 1);
    const low = from - first_day, high = until - first_day;
    for (let i = 0; i < out.length; i++) {
      for (let v = first[i]; v < first[i + 1]; v++) {
        if (kind[v] === 0 && day[v] >= low && day[v] <= high) {
          out[i] = 1;
          break;
        }
      }
    }
    return out;
  }

  /** Clear the mask where the flag of a row's code is off; without flags nothing is cleared. */
  function keep(mask, codes, flag) {
    if (flag) for (let i = 0; i < mask.length; i++) mask[i] &= flag[codes[i]];
  }

  /** The sum of what the mask leaves; `&` instead of a branch, which a scattered mask makes the processor guess wrongly. */
  function sum(mask, values) {
    let total = 0;
    for (let i = 0; i < mask.length; i++) total += values[i] & -mask[i];
    return total;
  }

  function count(mask) {
    let ones = 0;
    for (let i = 0; i < mask.length; i++) ones += mask[i];
    return ones;
  }

  PM.Sieve = class {
    constructor(store) {
      this.store = store;
      this.shown = new Uint8Array(store.segments.n).fill(1);
      this.problemShown = new Uint8Array(store.problems.n);
      this.level = null;
      this.filter = {};
    }

    /** The state of each segment, and why, at the level looked at: over all levels, or at one. */
    get state() {
      return (this.level || this.store.segments).state;
    }
    get why() {
      return (this.level || this.store.segments).why;
    }

    /** Apply a filter to segments and problems and return everything the panel shows. */
    apply(filter) {
      const { segments, levels, visits, meta } = this.store;
      const period = filter.from != null && filter.until != null;
      this.filter = filter;
      this.level = levels.find((l) => l.level === filter.level) || null;
      this.seen = period ? seenWithin(visits, filter.from, filter.until) : null;
      const mask = this.counted(filter);
      const metres = {};
      for (const name of meta.metres) metres[name] = sum(mask, segments[name]);
      const answer = { total_mm: sum(mask, segments.length_mm), declared_mm: this.declared(mask), metres, ...this.byState(mask) };
      this.show(mask, filter);
      return { ...answer, segments: count(this.shown), mm: sum(this.shown, segments.length_mm), problems: this.applyProblems(filter, period),
        tracks: period ? this.store.tracks.day.filter((day) => day >= filter.from && day <= filter.until).length : 0,
        flagged: period ? PM.flaggedCounts(this.store.flagged, filter.from, filter.until) : [], gaps: this.gaps(40) };
    }

    /** The segments that sums are made of: those of the wanted kind, area, name, holder and period. */
    counted(filter) {
      const { segments, duties } = this.store;
      const mask = new Uint8Array(segments.n).fill(1);
      keep(mask, segments.kind.codes, flags(segments.kind, filter.kinds));
      keep(mask, segments.area.codes, flags(segments.area, filter.areas));
      keep(mask, segments.name.codes, flags(segments.name, filter.asset ? [filter.asset] : null));
      keep(mask, duties.set_of_segment, dutySets(duties, filter));
      if (this.seen && filter.seen === "seen") keep(mask, this.seen, [0, 1]);
      if (this.seen && filter.seen === "unseen") keep(mask, this.seen, [1, 0]);
      return mask;
    }

    byState(mask) {
      const { meta, segments: { length_mm } } = this.store;
      const { state } = this;
      const segments = new Uint32Array(meta.states.length), mm = new Float64Array(meta.states.length);
      for (let i = 0; i < mask.length; i++) {
        segments[state[i]] += mask[i];
        mm[state[i]] += length_mm[i] & -mask[i];
      }
      return { states: Object.fromEntries(meta.states.map((name, s) => [name, { segments: segments[s], mm: mm[s] }])) };
    }

    /** The length of what was only declared as seen. */
    declared(mask) {
      const { length_mm, declared } = this.store.segments;
      let total = 0;
      for (let i = 0; i < mask.length; i++) if (mask[i] && declared[i] && this.onlyDeclared(i)) total += length_mm[i];
      return total;
    }

    /** Whether patrols only declared to have seen a segment: evidence C, which never covers. */
    onlyDeclared(i) {
      const { declared, covered_m } = this.store.segments;
      return declared[i] > 0 && covered_m[i] === 0;
    }

    /** Of what is counted show what the legend and the summary leave on. */
    show(mask, filter) {
      const { meta, segments } = this.store;
      this.shown = mask;
      keep(mask, this.state, Uint8Array.from(meta.states, (name) => ((filter.hidden || []).includes(name) ? 0 : 1)));
      if (!filter.metre) return;
      const metre = segments[filter.metre + "_m"], least = meta.ignore_mm;
      for (let i = 0; i < mask.length; i++) if (metre[i] < least) mask[i] = 0;
    }

    applyProblems(filter, period) {
      const { segment, open, late, reported_on, category, place, n } = this.store.problems;
      const { shown, problemShown } = this;
      const categories = flags(category, filter.categories), codes = category.codes, { placed } = place;
      const placeFilter = filter.kinds || filter.areas || filter.asset || filter.holder || filter.unit || filter.metre ||
        (filter.hidden && filter.hidden.length);
      const count = { shown: 0, open: 0, late: 0, closed: 0, unplaced: 0 };
      for (let i = 0; i < n; i++) {
        problemShown[i] = 0;
        if (categories && !categories[codes[i]]) continue;
        if (placeFilter && (segment[i] < 0 || !shown[segment[i]])) continue;
        if (period && (reported_on[i] < filter.from || reported_on[i] > filter.until)) continue;
        if (open[i]) count.open++;
        else count.closed++;
        if (late[i]) count.late++;
        if (filter.problems === "none") continue;
        if (filter.problems !== "all" && !open[i]) continue;
        if (filter.problems === "late" && !late[i]) continue;
        if (!placed[i]) count.unplaced++;
        problemShown[i] = 1;
        count.shown++;
      }
      return count;
    }

    /** The worst stretches shown, from segment `i` on `length_mm` long: nobody answers first, then never seen, then overdue longest. */
    gaps(most) {
      const { meta, segments } = this.store;
      const { overdue_days, length_mm, from_mm, course } = segments, { shown, state } = this;
      const rank = { unassigned: 3, never: 2, overdue: 1, conflicting: 0.5 };
      const worth = Float64Array.from(meta.states, (name) => rank[name] || 0);
      const best = [];
      let least = 0;
      // Neighbours that lack the same are one stretch: a list of their pieces would hide the next one.
      const goesOn = (i) => shown[i] && state[i] === state[i - 1] && course.codes[i] === course.codes[i - 1] &&
        overdue_days[i] === overdue_days[i - 1] && from_mm[i] === from_mm[i - 1] + length_mm[i - 1];
      for (let next = 0; next < shown.length;) {
        const i = next++;
        const w = shown[i] ? worth[state[i]] : 0;
        if (!w) continue;
        let long = length_mm[i];
        for (; next < shown.length && goesOn(next); next++) long += length_mm[next];
        const score = w * 1e13 + (w === 1 ? Math.max(0, overdue_days[i]) * 1e9 : 0) + long;
        if (score <= least) continue;
        let k = best.length;
        while (k > 0 && best[k - 1].score < score) k--;
        best.splice(k, 0, { i, score, length_mm: long });
        if (best.length > most) best.pop();
        if (best.length === most) least = best[most - 1].score;
      }
      return best;
    }
  };
})(self);
