/* The page's door: ask for the password of a locked page. */
(function () {
  "use strict";
  const PM = (self.PM = self.PM || {});
  const { el, t } = PM;

  /** Ask for the password until it is right; resolves with what the page is about. */
  PM.unlocked = function (first) {
    PM.locked = true;
    if (!first.crypto) {
      PM.shell.results.replaceChildren(el("p", { role: "alert", class: "pm-box" }, t("no_crypto")));
      return new Promise(() => undefined);
    }
    return new Promise((resolve, reject) => {
      const said = el("p", { role: "alert", class: "pm-late" });
      const input = el("input", { type: "password", id: "pm-password", autocomplete: "current-password", required: true });
      const form = el("form", { class: "pm-lock pm-box", on: { submit: async (e) => {
        e.preventDefault();
        said.textContent = t("opening");
        try {
          const about = await PM.ask("open", input.value);
          if (!about.locked) return resolve(about);
          said.textContent = t("wrong");
          input.select();
        } catch (error) {
          reject(error);
        }
      } } }, el("label", { for: "pm-password" }, t("locked")), input, el("button", { type: "submit", class: "pm-button" }, t("unlock")), said);
      PM.shell.results.replaceChildren(form);
      document.documentElement.dataset.locked = "true";
      input.focus();
    });
  };
})();
