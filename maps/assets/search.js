/* Search: names, holders, units, areas by text or pinyin initials; places by chainage; problems. */
(function (root) {
  "use strict";
  const PM = (root.PM = root.PM || {});
  const MOST = 6;

  /** The codes of the words that hold `q`, or whose pinyin initials do; those that start so first. */
  function matching(words, initials, q) {
    const starts = [], holds = [];
    const latin = /^[a-z0-9]+$/.test(q);
    for (let k = 0; k < words.size; k++) {
      const word = words.word(k).toLowerCase();
      if (!word) continue;
      const at = word.indexOf(q);
      const short = latin && initials ? initials.word(k).indexOf(q) : -1;
      if (at === 0 || short === 0) starts.push(k);
      else if (at > 0 || short > 0) holds.push(k);
    }
    return starts.concat(holds);
  }

  /** The words whose bytes hold the bytes of `q`: without decoding a hundred thousand of them. */
  function holding(words, q, most) {
    const needle = new TextEncoder().encode(q);
    const { bytes, starts } = words;
    const found = new Set();
    let at = -1;
    while (found.size < most && (at = bytes.indexOf(needle[0], at + 1)) >= 0) {
      let k = 1;
      while (k < needle.length && bytes[at + k] === needle[k]) k++;
      if (k < needle.length) continue;
      let low = 0, high = starts.length - 2;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (starts[middle] <= at) low = middle;
        else high = middle - 1;
      }
      if (at + needle.length <= starts[low + 1]) found.add(low);
      if (found.has(low)) at = starts[low + 1] - 1;
    }
    return found;
  }

  function rowsOf(text, codes, most) {
    const rows = [];
    if (!codes.size) return rows;
    for (let r = 0; r < text.codes.length && rows.length < most; r++) if (codes.has(text.codes[r])) rows.push(r);
    return rows;
  }

  function firstOf(query, codes, most) {
    const { segments } = query.store;
    const wanted = new Map(codes.slice(0, most).map((c) => [c, null]));
    let left = wanted.size;
    for (let i = 0; left && i < segments.n; i++) {
      const c = segments.name.codes[i];
      if (wanted.has(c) && wanted.get(c) === null) {
        wanted.set(c, i);
        left--;
      }
    }
    return wanted;
  }

  function byChainage(query, name, mm) {
    const { segments } = query.store;
    const codes = name ? new Set(matching(segments.name.words, segments.name_initials, name)) : null;
    const out = [];
    for (let i = 0; i < segments.n && out.length < 2 * MOST; i++) {
      if (codes && !codes.has(segments.name.codes[i])) continue;
      const from = segments.from_mm[i];
      if (from <= mm && mm < from + segments.length_mm[i]) out.push({ type: "place", i, mm, text: segments.name.at(i), note: segments.area.at(i) });
    }
    return out;
  }

  PM.search = function (query, text) {
    const q = text.trim().toLowerCase();
    if (!q) return [];
    const { segments, duties, problems, meta } = query.store;
    const place = /^(.*?)[\s,，]*k?\s*(\d{1,5})\s*\+\s*(\d{1,3})$/.exec(q);
    if (place) return byChainage(query, place[1].trim(), (Number(place[2]) * 1000 + Number(place[3])) * 1000);
    const out = [];
    const names = matching(segments.name.words, segments.name_initials, q);
    for (const [code, i] of firstOf(query, names, MOST)) {
      if (i !== null) out.push({ type: "asset", i, text: segments.name.words.word(code), note: segments.kind.at(i) });
    }
    for (const [type, column, initials] of [
      ["holder", duties.holder, duties.holder_initials], ["unit", duties.unit, duties.unit_initials],
      ["area", segments.area, segments.area_initials],
    ]) {
      for (const k of matching(column.words, initials, q).slice(0, MOST)) out.push({ type, text: column.words.word(k), note: "" });
    }
    for (const k of matching(segments.course.words, null, q).slice(0, 3)) {
      const i = segments.course.codes.indexOf(k);
      if (i >= 0) out.push({ type: "course", i, text: segments.course.words.word(k), note: segments.name.at(i) });
    }
    const seen = new Set();
    for (const column of [problems.problem_id, problems.category, problems.description]) {
      for (const p of rowsOf(column, holding(column.words, text.trim(), 50), MOST)) {
        if (seen.has(p) || seen.size >= MOST) continue;
        seen.add(p);
        out.push({ type: "problem", p, text: problems.category.at(p) || problems.problem_id.at(p), note: PM.shortDay(problems.reported_on[p], meta) });
      }
    }
    return out;
  };

  PM.shortDay = (day, meta) => (day <= meta.no_day ? "" : new Date(day * 86400000).toISOString().slice(0, 10));
})(self);
