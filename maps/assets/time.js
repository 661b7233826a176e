/* The time slider: kilometres surely seen day by day, a window of days over it, and play. */
(function () {
  "use strict";
  const PM = (self.PM = self.PM || {});
  const { el, t } = PM;
  let box = null, canvas = null, low = null, high = null, label = null, playing = null, busy = false;

  const last = () => PM.about.days.first + PM.about.days.km.length - 1;

  PM.timeBox = function () {
    const { first, km } = PM.about.days;
    if (!km.length) return null;
    const range = (word, name) => el("input", {
      type: "range", min: first, max: last(), step: 1, "aria-label": t(word), class: "pm-range pm-" + name,
      on: { input: () => moved(name) },
    });
    canvas = el("canvas", { class: "pm-histogram", role: "img", "aria-label": t("period_note") });
    low = range("period_from", "low");
    high = range("period_until", "high");
    label = el("b", { class: "pm-period", "aria-live": "polite" });
    const preset = (word, days) => el("button", { type: "button", on: { click: () => set(days ? last() - days + 1 : null, days ? last() : null) } }, t(word));
    const seen = el("select", { "aria-label": t("period"), "data-k": "seen", on: { change: (e) => PM.set({ seen: e.target.value }) } },
      ["any", "seen", "unseen"].map((v) => el("option", { value: v, selected: PM.view.seen === v }, t("seen_" + v))));
    box = el("section", { class: "pm-time", "aria-label": t("period") },
      el("div", { class: "pm-time-row" }, el("button", { type: "button", class: "pm-play", on: { click: play } }, t(playing ? "pause" : "play")),
        label, seen, preset("last_7", 7), preset("last_30", 30), preset("period_all", 0)),
      el("div", { class: "pm-track" }, canvas, low, high));
    return box;
  };

  function set(from, until) {
    return PM.set(from == null ? { from: null, until: null, seen: "any" } : { from: Math.max(from, PM.about.days.first), until });
  }

  function moved(name) {
    let from = Number(low.value), until = Number(high.value);
    if (from > until) {
      if (name === "low") until = from;
      else from = until;
    }
    PM.later("time", () => set(from, until));
    show(from, until);
  }

  function show(from, until) {
    low.value = from;
    high.value = until;
    const all = PM.view.from == null && from === PM.about.days.first && until === last();
    label.textContent = all ? t("period_all") : PM.day(from) + " – " + PM.day(until);
    draw(from, until);
  }

  function draw(from, until) {
    const { first, km } = PM.about.days;
    const asked = [from, until, PM.view.theme, innerWidth].join();
    if (canvas.drawn === asked) return;
    canvas.drawn = asked;
    const width = canvas.clientWidth || 600, height = 34, ratio = Math.min(2, devicePixelRatio || 1);
    const style = getComputedStyle(document.documentElement);
    const inside = style.getPropertyValue("--brand"), outside = style.getPropertyValue("--line");
    const top = Math.max(0, ...km), step = width / km.length;
    PM.still(canvas, Math.round(width * ratio), height * ratio, (ctx) => {
      ctx.scale(ratio, ratio);
      for (let d = 0; d < km.length; d++) {
        ctx.fillStyle = first + d >= from && first + d <= until ? inside : outside;
        const h = top ? Math.max(km[d] ? 1.5 : 0, (km[d] / top) * height) : 0;
        ctx.fillRect(d * step, height - h, Math.max(1, step - 1), h);
      }
    });
  }

  /** Bring the slider in line with the view. */
  PM.showTime = function () {
    if (!box) return;
    show(PM.view.from == null ? PM.about.days.first : PM.view.from, PM.view.until == null ? last() : PM.view.until);
    box.querySelector("select").value = PM.view.seen;
    box.querySelector("select").disabled = PM.view.from == null;
  };

  function stop() {
    clearInterval(playing);
    playing = null;
    const button = box && box.querySelector(".pm-play");
    if (button) button.textContent = t("play");
  }

  /** Move the window a day at a time to the end; a window over everything starts as one week. */
  function play() {
    if (playing) return stop();
    const { first } = PM.about.days;
    let from = PM.view.from == null ? first : PM.view.from;
    const wide = PM.view.from == null ? 7 : Math.max(1, PM.view.until - PM.view.from + 1);
    if (from + wide - 1 >= last()) from = first;
    playing = setInterval(async () => {
      if (busy) return;
      if (from + wide - 1 > last()) return stop();
      busy = true;
      await set(from, Math.min(last(), from + wide - 1));
      busy = false;
      from++;
    }, 450);
    box.querySelector(".pm-play").textContent = t("pause");
  }
})();
