/* Fixes that were not used, or were used with a remark, as small grey marks with their reason. */
(function () {
  "use strict";
  const PM = (self.PM = self.PM || {});
  const { el, t } = PM;
  // Marks nearer than this many pixels to each other are one.
  const APART = 12;
  const NUMBERS_FROM = 17;
  let marks = [];

  const say = (pair) => pair[PM.language === "en" ? 1 : 0];
  const joined = (texts) => texts.join(PM.language === "en" ? ", " : "、");

  /** Ask for the marks in a box of cells; they come and go with the raw tracks. */
  PM.askGrey = async function (box, zoom) {
    const { from, until } = PM.view;
    const wanted = from != null && PM.about.flagged.n;
    marks = wanted ? await PM.ask("flagged", { box, side: APART / PM.cells.scale(zoom), from, until }) : [];
  };

  /** A cross for what was not used, a ring for what was used with a remark. */
  PM.greyMark = function (ctx, x, y, used, size) {
    const { ground, grey } = PM.THEMES[PM.view.theme];
    ctx.setLineDash([]);
    ctx.beginPath();
    if (used) ctx.arc(x, y, size, 0, 7);
    else {
      ctx.moveTo(x - size, y - size);
      ctx.lineTo(x + size, y + size);
      ctx.moveTo(x + size, y - size);
      ctx.lineTo(x - size, y + size);
    }
    // Hollow: the line below would look like a point of its own.
    ctx.fillStyle = ground;
    if (used) ctx.fill();
    for (const [colour, width] of [[ground, 3.6], [grey, 1.5]]) {
      ctx.strokeStyle = colour;
      ctx.lineWidth = width;
      ctx.stroke();
    }
  };

  PM.drawGrey = function (ctx, project, zoom) {
    const size = 3.6 * Math.min(1, Math.max(0.6, PM.lineScale(zoom)));
    for (const mark of marks) {
      mark.at = project(mark.x, mark.y);
      PM.greyMark(ctx, mark.at.x, mark.at.y, mark.used, size);
    }
    if (zoom >= NUMBERS_FROM) for (const mark of marks) if (mark.n > 1) number(ctx, mark, size);
  };

  /** How many fixes a mark stands for, beside it. */
  function number(ctx, { at, n }, size) {
    const { ground, grey } = PM.THEMES[PM.view.theme];
    ctx.font = "10px system-ui,sans-serif";
    ctx.textAlign = "left";
    ctx.textBaseline = "middle";
    ctx.lineWidth = 3;
    ctx.strokeStyle = ground;
    ctx.fillStyle = grey;
    ctx.strokeText(PM.count(n), at.x + size + 3, at.y);
    ctx.fillText(PM.count(n), at.x + size + 3, at.y);
  }

  /** The nearest mark within `reach` pixels with what it says, or null. */
  PM.greyAt = async function (point, reach) {
    let best = null, nearest = reach;
    for (const mark of marks) {
      const far = mark.at ? Math.hypot(mark.at.x - point.x, mark.at.y - point.y) : Infinity;
      if (far < nearest) {
        nearest = far;
        best = mark;
      }
    }
    return best && { ...best, told: await PM.ask("flaggedRows", best.rows) };
  };

  /** When: the day, and the first and last minute, where they are known. */
  function when({ day, first, last }) {
    const clock = Array.from(new Set([first, last]), PM.clock).filter(Boolean).join("–");
    return [PM.day(day), clock].filter(Boolean).join(" ");
  }

  const each = ({ words, n }) => t("grey_each", { why: say(words), n: PM.count(n) });
  const title = (grey) => t(grey.used ? "grey_remarked" : "grey_unused");

  PM.greyTip = function (grey) {
    const [row] = grey.told;
    const rest = grey.n - row.n;
    return {
      id: "grey" + grey.rows.join(),
      nodes: () => [el("b", {}, each(row)), el("span", {}, row.who), el("span", {}, when(row)),
        rest ? el("span", {}, "+" + PM.count(rest)) : ""],
    };
  };

  PM.greyCard = function (grey) {
    return el("article", { class: "pm-board", "aria-labelledby": "pm-card-title" },
      PM.cardHead(title(grey), t("grey_fixes", { n: PM.count(grey.n) })),
      el("p", { class: "pm-why" }, t(grey.used ? "grey_remarked_means" : "grey_unused_means")),
      el("div", { class: "pm-whybox" },
        el("ul", { class: "pm-reasons" }, grey.told.map((row) => el("li", {},
          el("b", {}, [when(row), row.who].filter(Boolean).join(" ")), el("span", {}, each(row))))),
        grey.more ? el("p", { class: "pm-note" }, t("grey_more", { n: PM.count(grey.more) })) : null),
      PM.placeTools(PM.cells.latLng(grey.x, grey.y)));
  };

  /** The two signs with what they count in the period; `add(draw, text)` adds one. */
  PM.flaggedSigns = function (counts, add) {
    for (const used of [false, true]) {
      const mine = counts.filter((count) => count.used === used);
      if (!mine.length) continue;
      const n = mine.reduce((sum, count) => sum + count.n, 0);
      add((ctx) => PM.greyMark(ctx, 23, 8, used, 3.6),
        t(used ? "sign_remarked" : "sign_unused", { n: PM.count(n), why: joined(mine.map(each)) }));
    }
  };

  /** Which flagged fixes are not drawn: nothing is left out in silence. */
  PM.flaggedNotes = function () {
    const { left_out, nowhere } = PM.about.flagged;
    return [["flagged_left_out", left_out], ["flagged_nowhere", nowhere]].filter(([, n]) => n)
      .map(([word, n]) => el("p", { class: "pm-note" }, t(word, { n: PM.count(n) })));
  };
})();
