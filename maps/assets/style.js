/* How each state looks: never by colour alone. Widths are CSS pixels at street scale. */
(function (root) {
  "use strict";
  const PM = (root.PM = root.PM || {});
  // Drawn in this order: what carries blame lies on top.
  PM.DRAWN = ["out_of_scope", "covered", "partial", "unsure", "overdue", "never", "conflicting", "unassigned"];
  // A line is one or more strokes, the widest first: [colour, width, dash].
  const light = {
    out_of_scope: [["#8d979c", 1.5]],
    covered: [["#0072b2", 3]],
    partial: [["#0b4f79", 4.6], ["#7cc4ee", 2.8]],
    unsure: [["#0072b2", 3.6, [1, 6], "round"]],
    overdue: [["#6b4700", 6], ["#f0a400", 4]],
    never: [["#c44900", 5.5]],
    conflicting: [["#a2387f", 6.5], ["#ffffff", 2.5]],
    unassigned: [["#ffd83d", 10], ["#111111", 4.5, [9, 6]]],
  };
  const dark = {
    out_of_scope: [["#66717a", 1.5]],
    covered: [["#4aa8e0", 3]],
    partial: [["#a9dcf7", 4.6], ["#17547c", 2.4]],
    unsure: [["#6fc1f2", 3.6, [1, 6], "round"]],
    overdue: [["#ffe0a0", 6], ["#c98500", 4]],
    never: [["#ff7a33", 5.5]],
    conflicting: [["#ee8fcb", 6.5], ["#12181d", 2.5]],
    unassigned: [["#000000", 10], ["#ffe34d", 5, [9, 6]]],
  };
  PM.THEMES = {
    light: { lines: light, ground: "#f3f4ef", area: "#c3ccc0", name: "#69756b", label: "#33414a", select: "#00c2ff",
      problem: "#b3001b", late: "#7a0012", closed: "#007a5a", seen: "#8fd694", water: "#c3ddee", declared: "#ffffff", track: "#5b2a86", grey: "#62696d",
      ground_lines: { green: "#e3edda", water: "#d5e6f1", border: "#bcb3c4", lane: "#e2e1db", road: "#dad7cc", highway: "#dad3c2" } },
    dark: { lines: dark, ground: "#12181d", area: "#33414a", name: "#8fa0aa", label: "#c3d0d8", select: "#00e0ff",
      problem: "#ff5d6c", late: "#ff9aa3", closed: "#35c79a", seen: "#2f6b3a", water: "#173750", declared: "#12181d", track: "#c9a3ee", grey: "#a3adb3",
      ground_lines: { green: "#16231c", water: "#15293a", border: "#4a4556", lane: "#212a31", road: "#2a343c", highway: "#3d3a30" } },
  };
  /** Lines grow with the zoom: thin over a county and where they are crowded, full from street scale on. */
  PM.lineScale = function (zoom) {
    // Over a province even black and yellow must not shout louder than their share of the length.
    const grown = zoom < 9 ? Math.max(0.18, 0.42 - (9 - zoom) * 0.12) : Math.min(1.25, 0.42 + (zoom - 9) * 0.13);
    return Math.min(grown, Math.max(0.25, 0.09 * PM.spacing * Math.pow(2, zoom)));
  };
  // Pixels at zoom 0 from a line to its neighbour where most of the length lies.
  PM.spacing = Infinity;
  const SQUARES = 64;
  /** Measure `PM.spacing` of segments, their boxes in cells, `bits` the width of the world. */
  PM.spacingOf = function ({ box, n }, bits) {
    const long = new Float32Array(n);
    let wide = 1, all = 0;
    for (let i = 0, b = 0; i < n; i++, b += 4) {
      const x = box[b + 2] - box[b], y = box[b + 3] - box[b + 1];
      long[i] = Math.sqrt(x * x + y * y);
      all += long[i];
      wide = Math.max(wide, box[b + 2], box[b + 3]);
    }
    // A segment is counted where it begins: squares must be much wider than one is long.
    const side = Math.max(wide / SQUARES, (6 * all) / Math.max(n, 1));
    const length = new Float64Array((SQUARES + 1) * (SQUARES + 1));
    for (let i = 0; i < n; i++) length[Math.floor(box[4 * i] / side) * (SQUARES + 1) + Math.floor(box[4 * i + 1] / side)] += long[i];
    // Half of the length lies in squares at least as full as this one.
    let sum = 0;
    for (const full of length.sort().reverse()) {
      sum += full;
      if (2 * sum >= all && full) return ((side * side) / full) * (256 / Math.pow(2, bits));
    }
    return Infinity;
  };
})(self);
