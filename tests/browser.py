"""Open a page in a real Chromium with the network cut off."""

import contextlib
import os
import shutil
import time
from pathlib import Path

import pytest


def chromium() -> str | None:
    """Return the path of a Chromium: the one named by CHROMIUM, the system's, or Playwright's own."""
    named = os.environ.get("CHROMIUM")
    found = named or shutil.which("chromium") or shutil.which("chromium-browser")
    return found or shutil.which("google-chrome")


PLAIN = """async ([center, zoom]) => {
  await patrolmap.settled();
  document.activeElement.blur();
  if (document.documentElement.classList.contains('pm-sheet')) await PM.unsheet();
  if (PM.measuring) PM.measure();
  const box = document.getElementById('pm-search');
  if (box) { box.value = ''; box.dispatchEvent(new Event('input')); }
  const play = document.querySelector('.pm-play');
  if (play && play.textContent.includes('❚❚')) play.click();
  for (const open of document.querySelectorAll('.pm-results details[open]')) open.open = false;
  await PM.choose(null);
  PM.map.setView(center, zoom, {animate: false});
  await PM.set({...PM.defaults, ...PM.unfiltered(), theme: 'light'});
}"""


class Opened:
    """A page with what it asked of the network and what it complained about."""

    def __init__(self, page, requests, complaints):
        self.page = page
        self.requests = requests
        self.complaints = complaints

    def __call__(self, source, argument=None):
        return self.page.evaluate(source, argument)

    def wait(self, source, seconds=20.0):
        """Poll `source`: waiting inside the page would need eval, which its policy forbids."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if value := self.page.evaluate(source):
                return value
            time.sleep(0.02)
        raise AssertionError(f"waited {seconds} s in vain for {source}; {self.complaints}")

    def ready(self):
        """Wait until the page is ready and nothing on it is on its way."""
        self.wait("document.documentElement.dataset.ready === 'true'")
        self.settled()
        self.home = self("[PM.map.getCenter(), PM.map.getZoom()]")
        return self

    def settled(self):
        """Wait until the page has shown what it was asked for: no answer, move or tile outstanding."""
        self("patrolmap.settled()")

    def plain(self):
        """Bring the page back to how it was opened, whatever the test before left on it."""
        self.page.mouse.move(2, 2)
        self(PLAIN, self.home)
        self.settled()


@contextlib.contextmanager
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = chromium()
        if path is None and not Path(playwright.chromium.executable_path).exists():
            pytest.skip("no Chromium here")
        launched = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield launched
        launched.close()


@contextlib.contextmanager
def opened(launched, path, hash_="", size=(1280, 800), script="", **context):
    """Open a file; every request but the file itself is refused and remembered.

    `script` runs before any script of the page.
    """
    requests, complaints = [], []
    made = launched.new_context(
        viewport={"width": size[0], "height": size[1]}, offline=True, **context
    )
    page = made.new_page()
    own = path.resolve().as_uri()

    def asked(request):
        if not request.url.startswith((own, "blob:", "data:")):
            requests.append(request.url)

    page.on("request", asked)
    page.on(
        "console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda e: complaints.append(str(e)))
    page.on("dialog", lambda d: (complaints.append(f"dialog {d.message}"), d.dismiss()))
    if script:
        page.add_init_script(script)
    page.goto(own + hash_)
    yield Opened(page, requests, complaints)
    made.close()
