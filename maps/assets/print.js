/* Print: a sheet with title, map, legend, scale, north and sources, at twice the screen's sharpness. */
(function () {
  "use strict";
  const PM = (self.PM = self.PM || {});
  const { el, t } = PM;
  const MM = 96 / 25.4;
  const PAPERS = { A4: [297, 210], A3: [420, 297] };
  const MARGIN = 8;
  let before = null;

  /** Lay the page out as a sheet; resolves when the map is drawn for it. */
  PM.sheet = async function (paper) {
    const [wide, high] = PAPERS[paper];
    const bounds = await seen();
    before = { center: PM.map.getCenter(), zoom: PM.map.getZoom(), theme: PM.view.theme };
    PM.printing = true;
    const root = document.documentElement;
    root.classList.add("pm-sheet");
    root.style.setProperty("--sheet-w", Math.floor((wide - 2 * MARGIN) * MM) + "px");
    root.style.setProperty("--sheet-h", Math.floor((high - 2 * MARGIN) * MM) - 2 + "px");
    pageRule("@page { size: " + wide + "mm " + high + "mm; margin: " + MARGIN + "mm; }");
    if (PM.view.theme !== "light") await PM.set({ theme: "light" });
    PM.map.invalidateSize({ animate: false });
    PM.map.options.zoomSnap = 0;
    PM.map.fitBounds(bounds, { animate: false, padding: [20, 20] });
    foot();
    trim();
    await Promise.all([PM.lines.settled(), PM.ground && PM.ground.settled()]);
    await PM.redrawAll();
  };

  /** What to fit on paper: the part of the view that has something in it. */
  async function seen() {
    const view = PM.map.getBounds();
    const box = await PM.ask("extent", null);
    if (!box) return view;
    const all = L.latLngBounds(PM.cells.latLng(box[0], box[1]), PM.cells.latLng(box[2], box[3]));
    if (!view.intersects(all)) return view;
    return L.latLngBounds(
      [Math.max(view.getSouth(), all.getSouth()), Math.max(view.getWest(), all.getWest())],
      [Math.min(view.getNorth(), all.getNorth()), Math.min(view.getEast(), all.getEast())]);
  }

  /** Leave out what would be cut through at the paper's edge: lines of a list, a list without lines. */
  function trim() {
    const end = PM.shell.scroll.getBoundingClientRect().bottom;
    for (const list of PM.shell.results.querySelectorAll(".pm-gaps")) {
      const box = list.closest(".pm-box"), lines = Array.from(list.children).filter((li) => li.offsetParent);
      while (lines.length && box.getBoundingClientRect().bottom > end) lines.pop().hidden = true;
      box.hidden = !lines.length;
    }
  }

  function untrim() {
    for (const node of PM.shell.results.querySelectorAll("[hidden]")) node.hidden = false;
  }

  PM.unsheet = async function () {
    untrim();
    document.documentElement.classList.remove("pm-sheet");
    PM.printing = false;
    PM.map.options.zoomSnap = 1;
    PM.map.invalidateSize({ animate: false });
    PM.map.setView(before.center, before.zoom, { animate: false });
    if (before.theme !== PM.view.theme) await PM.set({ theme: before.theme });
    await PM.redrawAll();
  };

  PM.print = async function (paper) {
    await PM.sheet(paper);
    window.print();
    await PM.unsheet();
  };

  let rule = null;
  function pageRule(text) {
    const sheet = document.styleSheets[document.styleSheets.length - 1];
    if (rule !== null) sheet.deleteRule(rule);
    rule = sheet.insertRule(text, sheet.cssRules.length);
  }

  /** The scale of the printed map at its middle: metres on the ground for a metre of paper. */
  function ratio() {
    const c = PM.map.getCenter();
    const metres = (40075016.686 * Math.cos((c.lat * Math.PI) / 180)) / (256 * Math.pow(2, PM.map.getZoom()));
    const exact = metres / (0.0254 / 96);
    const round = Math.pow(10, Math.floor(Math.log10(exact)) - 1);
    return PM.count(Math.round(exact / round) * round);
  }

  function foot() {
    const meta = PM.about.meta;
    document.querySelector(".pm-foot").replaceChildren(
      el("span", {}, t("made_of", { office: t("of_office"), crs: meta.crs, day: meta.as_of })),
      el("span", {}, t("print_scale", { n: ratio() })),
      el("b", {}, t(meta.edition)));
  }
})();
