/* The explainer in a card: which tracks came near the middle of what is missing, and what became of them. */
(function () {
  "use strict";
  const PM = (self.PM = self.PM || {});
  const { el, t } = PM;

  function sentence({ words, lacks, n, why }) {
    const say = (pair) => pair[PM.language === "en" ? 1 : 0];
    // One pass: a blank that stands in what fills another is not filled again.
    const text = say(words).replace(/\{(n|why)\}/g, (_, name) => (name === "n" ? PM.count(n) : why));
    return [text, say(lacks)].filter(Boolean).join(PM.language === "en" ? ", " : "，");
  }

  function row(reason) {
    const day = PM.day(reason.day) || t("undated");
    return el("li", {}, el("b", {}, [day, PM.clock(reason.minute), reason.person, reason.mode && PM.term(reason.mode)].filter(Boolean).join(" ")),
      el("span", {}, sentence(reason)));
  }

  /** The rows of a card about `reasons`: those of the period of the slider, where one is chosen. */
  PM.whyBox = function (card) {
    const { reasons } = card;
    if (!reasons) return card.state !== "covered" && PM.about.reasons_left_out ? el("p", { class: "pm-note" }, t("why_left_out")) : null;
    const { from, until } = PM.view;
    const within = (r) => from == null || PM.day(r.day) === "" || (r.day >= from && r.day <= until);
    const rows = reasons.rows.filter(within);
    const at = PM.chainage(reasons.at_mm);
    return el("details", { class: "pm-whybox", open: card.state !== "covered" && innerWidth > 800 },
      el("summary", {}, t("why_here", { at })),
      rows.length ? el("ul", { class: "pm-reasons" }, rows.map(row))
        : el("p", { class: "pm-note" }, t(from == null ? "why_nobody" : "why_nobody_then", { m: reasons.near_m })),
      el("p", { class: "pm-note" }, [reasons.rows.length >= reasons.most ? t("why_newest", { n: reasons.most }) : "", t("why_elsewhere")].join("")));
  };
})();
