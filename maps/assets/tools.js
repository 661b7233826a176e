/* Small tools: copy, positions and datums, navigation, measuring. */
(function () {
  "use strict";
  const PM = (self.PM = self.PM || {});
  const { el, t } = PM;

  /** Say something for a moment, to eyes and to screen readers. */
  PM.toast = function (text) {
    const box = document.querySelector(".pm-toast");
    box.textContent = text;
    box.hidden = false;
    clearTimeout(PM.toast.timer);
    PM.toast.timer = setTimeout(() => (box.hidden = true), 3500);
  };

  PM.copy = async function (text) {
    let done = false;
    try {
      await navigator.clipboard.writeText(text);
      done = true;
    } catch (error) {
      // Plain http and some browsers' file pages have no clipboard: the old way still works there.
      const area = el("textarea", { class: "pm-offscreen", readonly: true });
      area.value = text;
      document.body.append(area);
      area.select();
      done = document.execCommand("copy");
      area.remove();
    }
    PM.toast(done ? t("copied") : t("not_copied", { text }));
    return done;
  };

  const A = 6378245.0, EE = 0.00669342162296594323;
  function bend(x, y) {
    const root = Math.sqrt(Math.abs(x));
    const wave = (20 * Math.sin(6 * x * Math.PI) + 20 * Math.sin(2 * x * Math.PI)) * 2 / 3;
    const lat = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + wave +
      (20 * Math.sin(y * Math.PI) + 40 * Math.sin((y / 3) * Math.PI)) * 2 / 3 +
      (160 * Math.sin((y / 12) * Math.PI) + 320 * Math.sin((y * Math.PI) / 30)) * 2 / 3;
    const lng = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + wave +
      (20 * Math.sin(x * Math.PI) + 40 * Math.sin((x / 3) * Math.PI)) * 2 / 3 +
      (150 * Math.sin((x / 12) * Math.PI) + 300 * Math.sin((x / 30) * Math.PI)) * 2 / 3;
    return [lat, lng];
  }

  /** WGS-84 to GCJ-02, the datum Chinese map apps draw in; outside China nothing is shifted. */
  PM.gcj02 = function ({ lat, lng }) {
    if (lng < 72.004 || lng > 137.8347 || lat < 0.8293 || lat > 55.8271) return { lat, lng };
    const [dLat, dLng] = bend(lng - 105, lat - 35);
    const rad = (lat / 180) * Math.PI, magic = 1 - EE * Math.sin(rad) ** 2, root = Math.sqrt(magic);
    return {
      lat: lat + (dLat * 180) / (((A * (1 - EE)) / (magic * root)) * Math.PI),
      lng: lng + (dLng * 180) / ((A / root) * Math.cos(rad) * Math.PI),
    };
  };

  const six = (n) => n.toFixed(6);

  /** Buttons to copy a position in either datum and to open it in a navigation app: numbers only. */
  PM.placeTools = function (latlng) {
    const there = PM.gcj02(latlng);
    const link = (word, href) => el("a", { class: "pm-button", href, target: "_blank", rel: "noopener noreferrer" }, t(word));
    const copy = (word, p) => el("button", { type: "button", class: "pm-button", on: { click: () => PM.copy(six(p.lat) + "," + six(p.lng)) } }, t(word));
    return el("details", { class: "pm-place" }, el("summary", {}, t("copy_place") + " / " + t("navigate")),
      el("p", { class: "pm-quiet" }, t("copy_place")), copy("datum_wgs84", latlng), copy("datum_gcj02", there),
      el("p", { class: "pm-quiet" }, t("navigate")),
      link("open_amap", "https://uri.amap.com/marker?position=" + six(there.lng) + "," + six(there.lat) + "&coordinate=gaode"),
      link("open_tencent", "https://apis.map.qq.com/uri/v1/marker?marker=coord:" + six(there.lat) + "," + six(there.lng)),
      link("open_geo", "geo:" + six(latlng.lat) + "," + six(latlng.lng)));
  };

  /** Measure along clicked points; kept as an array of places while it is on, else null. */
  PM.measuring = null;
  PM.measure = function () {
    PM.measuring = PM.measuring ? null : [];
    if (PM.measuring) PM.toast(t("measure_hint"));
    document.documentElement.classList.toggle("pm-measuring", Boolean(PM.measuring));
    PM.front.redraw();
  };

  PM.measured = () => (PM.measuring || []).reduce((sum, p, i, all) => sum + (i ? p.distanceTo(all[i - 1]) : 0), 0);

  PM.drawMeasure = function (ctx, map) {
    if (!PM.measuring || !PM.measuring.length) return;
    const points = PM.measuring.map((p) => map.latLngToLayerPoint(p));
    ctx.setLineDash([]);
    ctx.strokeStyle = "#d0021b";
    ctx.lineWidth = 2.5;
    ctx.beginPath();
    points.forEach((p, i) => (i ? ctx.lineTo(p.x, p.y) : ctx.moveTo(p.x, p.y)));
    ctx.stroke();
    for (const p of points) {
      ctx.beginPath();
      ctx.arc(p.x, p.y, 4, 0, 7);
      ctx.fillStyle = "#fff";
      ctx.fill();
      ctx.stroke();
    }
    const end = points[points.length - 1], text = PM.length(PM.measured() * 1000);
    ctx.font = "600 14px sans-serif";
    ctx.textAlign = "left";
    ctx.lineWidth = 4;
    ctx.strokeStyle = "#fff";
    ctx.strokeText(text, end.x + 10, end.y - 10);
    ctx.fillStyle = "#a00014";
    ctx.fillText(text, end.x + 10, end.y - 10);
  };

  const jobs = {};
  PM.putOff = () => Object.keys(jobs).length > 0;
  /** Run the last of many quick calls, once a frame. */
  PM.later = function (name, job) {
    const first = !jobs[name];
    jobs[name] = job;
    if (first) requestAnimationFrame(() => {
      const run = jobs[name];
      delete jobs[name];
      run();
    });
  };
})();
