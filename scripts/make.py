"""Set up a fresh machine and run the demo or the tests: `python -m scripts.make demo`.

Standard library only: it runs before anything is installed.
"""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HOME = ROOT / ".venv"
BIN = HOME / ("Scripts" if os.name == "nt" else "bin")
BROWSERS = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge",
    "msedge", "chrome",
)  # fmt: skip
INSTALLED_BROWSERS = (
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
CHECKS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
    ("lint-imports",),
)


def main(words: list[str]) -> int:
    """Run one of demo, test, bench; return its exit code."""
    if sys.version_info < (3, 11):
        return _say(f"patrolmap wants Python 3.11 or newer, this is {platform.python_version()}")
    jobs = {"demo": _demo, "test": _test, "bench": _bench}
    if len(words) < 1 or words[0] not in jobs:
        return _say(f"wanted one of {', '.join(jobs)}, got {' '.join(words) or 'nothing'}")
    return jobs[words[0]](words[1:])


def _demo(words: list[str]) -> int:
    _install("")
    return _run([str(BIN / "patrolmap"), "demo", *(words or ["demo"])])


def _test(words: list[str]) -> int:
    _install("[test]")
    browser = _browser()
    if not browser:
        return _say("no browser for the page tests: install Chromium or Chrome and run this again")
    for check in CHECKS:
        code = _run([str(BIN / check[0]), *check[1:]])
        if code:
            return code
    # Pages must have been opened for real: the tests fail, not skip, when the browser is missing.
    env = os.environ | {"PATROLMAP_BROWSER": browser}
    return _run([str(BIN / "python"), "-m", "pytest", "-q", "-n", "2", *words], env)


def _bench(words: list[str]) -> int:
    _install("[test,bench]")
    if not words:
        names = sorted(path.stem for path in (ROOT / "tests" / "bench").glob("*.py"))
        return _say(f"wanted a measurement, one of {', '.join(names)}, and its arguments")
    script = ROOT / "tests" / "bench" / f"{words[0]}.py"
    return _run([str(BIN / "python"), str(script), *words[1:]])


def _install(extras: str) -> None:
    """Make the virtual environment and install into it, once for each state of its inputs."""
    inputs = [ROOT / "pyproject.toml", ROOT / "constraints.txt"]
    state = hashlib.sha256(b"".join(path.read_bytes() for path in inputs)).hexdigest()
    stamp = HOME / f"installed-{extras.strip('[]').replace(',', '-') or 'plain'}"
    if stamp.is_file() and stamp.read_text() == state:
        return
    if not (BIN / ("python.exe" if os.name == "nt" else "python")).exists():
        venv.create(HOME, with_pip=True)
    print("Installing (a few minutes the first time) ...", flush=True)
    pip = [str(BIN / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    target = f"{ROOT}{extras}"
    subprocess.run([*pip, "-c", str(ROOT / "constraints.txt"), "-e", target], check=True, cwd=ROOT)
    # Kernels are compiled once, at their first use: here, so that no command is slow later.
    print("Compiling (a minute or two, once) ...", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for word in ("demo", "suggest", "routes"):
            warm = [str(BIN / "patrolmap"), word, str(Path(folder) / "demo"), "--quiet"]
            subprocess.run(warm, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    stamp.write_text(state)


def _browser() -> str:
    """Return a Chromium to test with: the system's, else Debian's, else Playwright's own."""
    found = _system_browser()
    if not found and shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        print("Installing Chromium and a Chinese font from Debian ...", flush=True)
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(["apt-get", "update"], check=False, **quiet)  # type: ignore[call-overload]
        subprocess.run(  # type: ignore[call-overload]
            ["apt-get", "install", "-y", "chromium", "fonts-noto-cjk"], check=False, **quiet
        )
        found = _system_browser()
    if not found:
        subprocess.run([str(BIN / "playwright"), "install", "chromium"], check=False)
        asked = (
            "from playwright.sync_api import sync_playwright\n"
            "with sync_playwright() as p: print(p.chromium.executable_path)"
        )
        told = subprocess.run(
            [str(BIN / "python"), "-c", asked], check=False, capture_output=True, text=True
        ).stdout.strip()
        found = told if told and Path(told).exists() else ""
    return found


def _system_browser() -> str:
    named = (os.environ.get("PATROLMAP_BROWSER", ""), *INSTALLED_BROWSERS)
    found = [path for path in named if path and Path(path).exists()]
    found += [path for name in BROWSERS if (path := shutil.which(name))]
    return found[0] if found else ""


def _run(command: list[str], env: dict[str, str] | None = None) -> int:
    return subprocess.run(command, check=False, cwd=ROOT, env=env).returncode


def _say(message: str) -> int:
    print(message, file=sys.stderr)
    return 2


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
