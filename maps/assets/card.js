/* A segment's card, after the responsibility boards that stand on banks and roadsides. */
(function () {
  "use strict";
  const PM = (self.PM = self.PM || {});
  const { el, t } = PM;

  function row(label, ...content) {
    return [el("dt", {}, label), el("dd", {}, ...content)];
  }

  /** A telephone link made of digits only; anything else stays text. */
  PM.phone = function (text) {
    const digits = text.replace(/[^\d+]/g, "");
    return /^\+?\d{5,15}$/.test(digits) && digits.length >= text.replace(/[\s()（）-]/g, "").length
      ? el("a", { href: "tel:" + digits }, text) : text;
  };

  function holder(duty, card, today) {
    const parts = [];
    if (duty.side === "L" || duty.side === "R") parts.push(t("side_" + duty.side));
    const whole = duty.from_mm <= card.from_mm && duty.to_mm >= card.from_mm + card.length_mm;
    if (!whole) parts.push(PM.chainage(duty.from_mm) + "–" + PM.chainage(duty.to_mm));
    const begins = PM.day(duty.from_on), ends = PM.day(duty.until_on);
    if (ends && ends <= today) parts.push(t("until", { day: ends }) + "，" + t("expired"));
    else if (begins && begins > today) parts.push(t("since", { day: begins }) + "，" + t("not_yet"));
    else if (begins) parts.push(t("since", { day: begins }));
    const stale = (ends && ends <= today) || (begins && begins > today);
    return el("li", { class: stale ? "pm-stale" : "" },
      el("div", {}, el("span", { class: "pm-rank" }, [duty.level && PM.term(duty.level), duty.role].filter(Boolean).join(PM.language === "en" ? " " : "")),
        el("b", {}, duty.holder || t("vacant")), duty.phone ? el("span", {}, PM.phone(duty.phone)) : null),
      el("small", {}, [duty.unit, ...parts].filter(Boolean).join(" · ")));
  }

  function lastSeen(card) {
    const day = PM.day(card.last_on);
    if (!day) return [t("never_seen")];
    const clock = card.last_minute >= 0 ? " " + PM.clock(card.last_minute) : "";
    const by = card.patrol;
    const who = by ? [by.unit, by.person, by.mode && PM.term(by.mode), by.grade && t("grade_" + by.grade)].filter(Boolean).join(" · ") : "";
    const near = card.last_offset_m >= 0 ? t("how_near", { n: card.last_offset_m }) : "";
    return [el("b", {}, day + clock), el("small", {}, [who, near].filter(Boolean).join(" · "))];
  }

  function due(card) {
    const day = PM.day(card.due_on);
    // A cadence without a due day: the stretch was never wholly seen, so no day can be counted from.
    if (!day) return [t(card.overdue_days >= 0 ? "due_now" : "no_rule")];
    const late = card.overdue_days > 0;
    return [day + " ", el("b", { class: late ? "pm-late" : "" },
      late ? t("overdue_by", { n: PM.count(card.overdue_days) }) : t("not_due"))];
  }

  function problems(card) {
    if (!card.problems.length) return [t("on_it_none")];
    return [el("ul", { class: "pm-list" }, card.problems.map((p) => el("li", {}, el("button", {
      type: "button", class: "pm-link", on: { click: () => PM.showProblem(p) },
    }, [p.category, PM.term(p.status), PM.day(p.reported_on)].filter(Boolean).join(" · ")))))];
  }

  /** The state at every level that something is asked of. */
  function levels(card) {
    if (!card.levels.length) return [];
    return row(t("levels"), el("ul", { class: "pm-list" }, card.levels.map((l) => el("li", { class: "pm-level" },
      PM.sample(l.state, PM.view.theme), el("span", {}, PM.term(l.level) + " " + t(l.state)),
      l.why && l.why !== card.why ? el("small", {}, l.why) : null))));
  }

  /** The photos as the office wrote them, to copy; a link only to a file that was found when the page was made
      (maps/photos.py): words of a file never become an address. */
  function photos(text) {
    const names = text.split(/[;；,，、|\n]+/).map((name) => name.trim()).filter(Boolean);
    const found = PM.about.meta.photos;
    return el("ul", { class: "pm-list" }, names.map((name) => el("li", { class: "pm-photo" },
      el("button", { type: "button", class: "pm-link", title: t("copy_name"), on: { click: () => PM.copy(name) } }, name),
      Object.prototype.hasOwnProperty.call(found, name) ? el("a", {
        class: "pm-button", target: "_blank", rel: "noopener", href: found[name].map(encodeURIComponent).join("/"),
      }, t("open_photo")) : null)));
  }

  function middle(line) {
    return line[line.length >> 1];
  }

  /** The end of a card: a link that opens this very card, and what else is given. */
  function foot(...content) {
    return el("footer", {}, el("button", { type: "button", class: "pm-button", on: { click: () => PM.copy(PM.viewLink()) } }, t("copy_card")), ...content);
  }

  /** The end of a card about something that lies on a segment, with the way to that segment's card. */
  function footOn(id, segment) {
    const there = segment >= 0 ? el("button", { type: "button", class: "pm-button", on: { click: () => PM.go(segment) } }, t("open_segment")) : null;
    // A public page names no ids: there nothing could find the card again.
    return id ? foot(there) : there && el("footer", {}, there);
  }

  /** The head of every card, with its × to close. */
  PM.cardHead = function (title, sub) {
    return el("header", {}, el("div", {}, el("h2", { id: "pm-card-title" }, title), el("p", {}, sub)),
      el("button", { type: "button", class: "pm-close", "aria-label": t("close"), on: { click: () => PM.choose(null) } }, "×"));
  };

  PM.segmentCard = function (card) {
    const meta = PM.about.meta;
    const board = Object.prototype.hasOwnProperty.call(PM.WORDS, "board_" + card.kind) ? "board_" + card.kind : "board_other";
    const end = card.from_mm + card.length_mm;
    const days = card.days.map((d) => PM.day(d.day) + (d.kind ? "（" + t(d.kind === 1 ? "visit_unsure" : "visit_declared") + "）" : ""));
    return el("article", { class: "pm-board", "aria-labelledby": "pm-card-title" },
      PM.cardHead(t(board), [meta.office, card.area].filter(Boolean).join(" · ")),
      el("div", { class: "pm-state pm-" + card.state }, PM.sample(card.state, PM.view.theme), el("b", {}, t(card.state))),
      card.why ? el("p", { class: "pm-why" }, el("span", {}, t("why")), card.why) : null,
      el("dl", {},
        row(t("name"), el("b", {}, card.name || t("unnamed"))),
        row(t("kind"), [PM.term(card.kind), card.grade].filter(Boolean).join(" / ")),
        row(t("stretch"), PM.chainage(card.from_mm) + " – " + PM.chainage(end)),
        row(t("length"), PM.length(card.length_mm)),
        row(t("holders"), card.duties.length
          ? el("ul", { class: "pm-holders" }, card.duties.map((d) => holder(d, card, meta.as_of))) : t("nobody")),
        levels(card),
        meta.phone_line ? row(t("phone_line"), PM.phone(meta.phone_line)) : [],
        row(t("last_seen"), lastSeen(card)),
        row(t("passes"), t(card.overdue_days >= 0 ? "passes_period" : "passes_ever", { n: PM.count(card.visits) })),
        row(t("due"), due(card)),
        days.length ? row(t("visits"), el("small", {}, days.join("、"))) : [],
        row(t("on_it"), problems(card))),
      PM.whyBox(card),
      PM.placeTools(PM.cells.latLng(...middle(card.line))),
      foot(el("span", {}, [meta.office, t("as_of", { day: meta.as_of })].filter(Boolean).join(" · "))));
  };

  PM.findingCard = function (f) {
    return el("article", { class: "pm-board", "aria-labelledby": "pm-card-title" },
      PM.cardHead(PM.rule(f.rule), f.name),
      el("p", { class: "pm-why" }, f.why),
      el("dl", {},
        f.length_mm > 0 ? row(t("stretch"), PM.chainage(f.from_mm) + " – " + PM.chainage(f.from_mm + f.length_mm) + "，" + PM.length(f.length_mm)) : [],
        f.level ? row(t("level"), PM.term(f.level)) : [],
        f.who_acts ? row(t("who_acts"), f.who_acts) : [],
        PM.day(f.since_on) ? row(t("since_day"), PM.day(f.since_on)) : [],
        f.evidence ? row(t("evidence"), f.evidence) : [],
        f.action ? row(t("action"), f.action) : []),
      footOn(f.finding_id, f.segment));
  };

  PM.problemCard = function (p) {
    const late = p.late ? "problem_late" : p.open ? "problem_open" : "problem_closed";
    return el("article", { class: "pm-board", "aria-labelledby": "pm-card-title" },
      PM.cardHead(t(late), p.category || p.problem_id),
      el("dl", {},
        row(t("category"), p.category),
        row(t("status"), PM.term(p.status)),
        p.description ? row(t("description"), p.description) : [],
        row(t("reported"), PM.day(p.reported_on) || "—"),
        p.reporter ? row(t("reporter"), p.reporter) : [],
        PM.day(p.due_on) ? row(t("limit"), PM.day(p.due_on)) : [],
        p.owner || p.unit ? row(t("owner"), [p.owner, p.unit].filter(Boolean).join(" · ")) : [],
        p.photo ? row(t("photo"), photos(p.photo)) : [],
        p.why ? row(t("why_placed"), p.why) : []),
      p.placed ? PM.placeTools(PM.cells.latLng(p.x, p.y)) : null,
      footOn(p.problem_id, p.segment));
  };
})();
