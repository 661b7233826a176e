/* Tell waters from roads, and what was only declared: by a band beneath a line, by dots upon it. */
(function (root) {
  "use strict";
  const PM = (root.PM = root.PM || {});
  // Width of the band at street scale, wider than any line, and its dash; roads have none.
  PM.BANDS = { river: [15], reservoir: [15], pond: [15], canal: [15, [14, 5]] };
  PM.DOTS = [1.7, [0.1, 4.6]];

  function chosen(groups, wanted) {
    const rows = [];
    for (const group of groups) for (const i of group) if (wanted(i)) rows.push(i);
    return rows;
  }

  /** Bands under the waters; `stroke(rows, colour, width, dash, cap)` draws segments as one path. */
  PM.drawBands = function (query, groups, colours, stroke) {
    const { kind } = query.store.segments;
    const words = kind.words.all();
    for (const [name, [width, dash]] of Object.entries(PM.BANDS)) {
      const code = words.indexOf(name);
      const rows = code < 0 ? [] : chosen(groups, (i) => kind.codes[i] === code);
      if (rows.length) stroke(rows, colours.water, width, dash);
    }
  };

  /** Dots upon segments that patrols only declared to have seen. */
  PM.drawDeclared = function (query, groups, colours, stroke) {
    const rows = chosen(groups, (i) => query.onlyDeclared(i));
    const [width, dash] = PM.DOTS;
    if (rows.length) stroke(rows, colours.declared, width, dash, "round");
  };
})(self);
