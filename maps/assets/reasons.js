/* Why tracks near a segment do or do not count (see maps/reasons.py): the rows of its place. */
(function (root) {
  "use strict";
  const PM = (root.PM = root.PM || {});

  PM.reasonTable = function (pack, spec) {
    if (!spec.n) return { n: 0, left_out: spec.left_out };
    const c = spec.columns, counts = pack.ints(c.counts);
    const first = new Uint32Array(spec.n + 1);
    for (let p = 0; p < spec.n; p++) first[p + 1] = first[p] + counts[p];
    const segment = pack.ints(c.segment);
    const place = new Map(Array.from(segment, (s, p) => [s, p]));
    return {
      n: spec.n, left_out: spec.left_out, near_m: spec.near_m, most: spec.most, words: spec.words, first, place,
      at_mm: pack.ints(c.at_mm), day: pack.ints(c.day), minute: pack.ints(c.minute), reason: pack.ints(c.reason),
      lacks: pack.ints(c.lacks), lacksWords: spec.lacks_words,
      count: pack.ints(c.n), why: pack.text(c.why), person: pack.text(c.person), mode: pack.text(c.mode),
    };
  };

  /** What tracks near segment `i` did, newest first; null where the page was not given it. */
  PM.reasonsOf = function (reasons, i) {
    const p = reasons.n ? reasons.place.get(i) : undefined;
    if (p === undefined) return null;
    const rows = [];
    for (let r = reasons.first[p]; r < reasons.first[p + 1]; r++) {
      rows.push({
        day: reasons.day[r], minute: reasons.minute[r], person: reasons.person.at(r), mode: reasons.mode.at(r),
        words: reasons.words[reasons.reason[r]], lacks: reasons.lacksWords[reasons.lacks[r]], n: reasons.count[r], why: reasons.why.at(r),
      });
    }
    return { at_mm: reasons.at_mm[p], near_m: reasons.near_m, most: reasons.most, rows };
  };
})(self);
