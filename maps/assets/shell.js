/* The frame of the page: title, tools, panel, stage; on a phone the panel is a sheet below the map. */
(function () {
  "use strict";
  const PM = (self.PM = self.PM || {});
  const { el, t } = PM;
  const narrow = matchMedia("(max-width: 800px)");
  const SHEET = ["low", "half", "full"];
  let shell = null, dressed = "";

  PM.narrow = () => narrow.matches;

  /** Build everything around the map; returns its elements by name. */
  PM.buildShell = function () {
    shell = PM.shell = {
      title: el("h1", {}), sub: el("span", { class: "pm-quiet" }), badge: el("span", { class: "pm-badge" }),
      tools: el("div", { class: "pm-tools", role: "toolbar" }), search: el("div", { class: "pm-search-box" }),
      results: el("div", { class: "pm-results" }, el("p", { class: "pm-quiet", role: "status" }, t("loading"))),
      card: el("div", { class: "pm-card", hidden: true, tabindex: "-1" }), tip: el("div", { class: "pm-tip", hidden: true, "aria-hidden": "true" }),
      time: el("details", { class: "pm-time-box", hidden: true }), toast: el("div", { class: "pm-toast", role: "status", hidden: true }),
      grab: el("button", { type: "button", class: "pm-grab", on: { click: nextSheet } }, el("i", {})),
      note: el("p", { class: "pm-note", hidden: true }), summary: el("summary", {}),
    };
    shell.scroll = el("div", { class: "pm-scroll", tabindex: "0" }, shell.search, shell.results);
    const stage = el("main", { class: "pm-stage" }, document.querySelector(".folium-map"), north(), shell.card, shell.tip, shell.toast);
    const top = el("header", { class: "pm-top" }, el("div", { class: "pm-name" }, shell.title, shell.sub), shell.badge);
    document.body.prepend(top, el("div", { class: "pm-body" }, el("aside", { class: "pm-panel" }, shell.grab, shell.scroll), stage),
      el("footer", { class: "pm-foot" }));
    shell.time.addEventListener("toggle", () => PM.showTime());
    // The scale and the toasts stand above the slider, however many rows its buttons take.
    new ResizeObserver(() => stage.style.setProperty("--slider", shell.time.offsetHeight + 12 + "px")).observe(shell.time);
    // A phone shows the map first: the slider is folded away in the sheet, the tools lie at its end.
    const place = () => {
      document.documentElement.dataset.sheet = SHEET[0];
      shell.time.open = !narrow.matches;
      if (narrow.matches) {
        shell.search.after(shell.time);
        shell.scroll.append(shell.tools);
      } else {
        stage.append(shell.time);
        top.append(shell.tools);
      }
    };
    narrow.addEventListener("change", place);
    place();
    PM.dress();
    return shell;
  };

  function north() {
    shell.north = PM.svg("text", { x: 20, y: 55, "text-anchor": "middle", "font-size": 13, fill: "currentColor" });
    return PM.svg("svg", { viewBox: "0 0 40 56", width: 34, height: 48, class: "pm-north", "aria-hidden": "true" },
      PM.svg("path", { d: "M20 2 L32 44 L20 36 L8 44 Z", fill: "currentColor" }), shell.north);
  }

  /** On a phone the panel is a sheet with three heights. */
  function nextSheet() {
    const root = document.documentElement;
    root.dataset.sheet = SHEET[(SHEET.indexOf(root.dataset.sheet) + 1) % SHEET.length];
    PM.map.invalidateSize({ animate: false });
  }

  /** Bring words and colours in line with the view. */
  PM.dress = function () {
    const root = document.documentElement, { view } = PM;
    const meta = PM.about ? PM.about.meta : {};
    const redressed = root.lang && PM.language !== view.language;
    PM.language = view.language;
    dressPeriod(meta);
    // Touching the root, even with the same words, makes the browser style the whole page anew.
    const now = view.language + view.theme + Boolean(PM.about);
    if (dressed === now) return;
    dressed = now;
    root.lang = view.language === "en" ? "en" : "zh-CN";
    root.dataset.theme = view.theme;
    root.classList.toggle("pm-plan", Boolean(meta.plan));
    root.classList.toggle("pm-handover-page", Boolean(meta.handover));
    shell.title.textContent = document.title = meta.plan ? t("plan") : meta.title || t("title");
    shell.sub.textContent = [meta.office, meta.as_of && t("as_of", { day: meta.as_of })].filter(Boolean).join(" · ");
    shell.badge.textContent = meta.edition ? t(meta.edition) : "";
    shell.north.textContent = t("north");
    shell.grab.setAttribute("aria-label", t("sheet"));
    dressTools();
    PM.attribute();
    const box = document.querySelector(".folium-map");
    box.setAttribute("aria-label", t("map_label"));
    box.setAttribute("role", "application");
    if (PM.about && (redressed || !shell.search.firstChild)) {
      shell.search.replaceChildren(PM.searchBox());
      const slider = PM.timeBox();
      shell.time.hidden = !slider;
      shell.time.replaceChildren(shell.summary, ...[slider].filter(Boolean), shell.note);
    }
  };

  /** Say what a chosen period changes, and that the colours are not of it. */
  function dressPeriod(meta) {
    const chosen = PM.view.from != null;
    const days = chosen ? PM.day(PM.view.from) + " – " + PM.day(PM.view.until) : t("period_all");
    shell.summary.textContent = t("period_is", { days });
    shell.note.hidden = !chosen;
    shell.note.textContent = chosen ? t("period_means", { day: meta.as_of }) : "";
  }

  function dressTools() {
    const { view } = PM;
    const focus = shell.tools.contains(document.activeElement) ? document.activeElement.dataset.k : null;
    shell.tools.replaceChildren(
      tool("measure", t("measure"), PM.measure), printTool(),
      tool("share", t("share"), () => PM.copy(PM.viewLink())),
      tool("theme", t(view.theme === "dark" ? "theme_light" : "theme"), () => PM.set({ theme: view.theme === "dark" ? "light" : "dark" })),
      tool("language", t("language"), () => PM.set({ language: view.language === "zh" ? "en" : "zh" })));
    if (focus) PM.refocus(shell.tools, focus);
  }

  function tool(key, text, click) {
    return el("button", { type: "button", "data-k": key, class: "pm-tool-" + key, on: { click } }, text);
  }

  function printTool() {
    return el("select", {
      class: "pm-tool-print", "aria-label": t("print"),
      on: { change: (e) => { const paper = e.target.value; e.target.value = ""; if (paper) PM.print(paper); } },
    }, el("option", { value: "" }, t("print")), el("option", { value: "A4" }, t("print_a4")), el("option", { value: "A3" }, t("print_a3")));
  }

  /** Give the focus back to what stands for `key` after a box was built anew. */
  PM.refocus = function (box, key) {
    const again = Array.from(box.querySelectorAll("[data-k]")).find((node) => node.dataset.k === key);
    if (again) again.focus({ preventScroll: true });
  };
})();
