"""Settings shared by every test: a hypothesis profile that cannot flake, a header of versions."""

from pathlib import Path

import hypothesis
import pytest

from tests.browser import browser, opened

hypothesis.settings.register_profile(
    "steady", deadline=None, derandomize=True, print_blob=True, max_examples=60
)
hypothesis.settings.load_profile("steady")

REAL = Path(__file__).resolve().parents[2] / "shared" / "data"


def pytest_report_header():
    import geopandas as gpd
    import pandas as pd
    import pyogrio
    import shapely

    data = "there" if REAL.is_dir() else "not there: tests marked real are skipped"
    return [
        f"geopandas {gpd.__version__}, pandas {pd.__version__}, "
        f"shapely {shapely.__version__}, pyogrio {pyogrio.__version__}",
        f"real data: {data}",
    ]


@pytest.fixture(scope="module")
def chrome():
    """One Chromium a module; every page is opened in a context of its own."""
    with browser() as launched:
        yield launched


@pytest.fixture(scope="module")
def desk(chrome, path):
    """The page at the module's `path`, opened once: loading costs more than asking."""
    with opened(chrome, path) as page:
        yield page.ready()


@pytest.fixture
def page(desk):
    """The page of `desk`, each time as it was opened; nothing asked of the network, no complaint."""
    desk.plain()
    yield desk
    assert (desk.requests, desk.complaints) == ([], [])


@pytest.fixture(scope="session")
def real():
    """The folder of real data, or a skip that says so."""
    if not REAL.is_dir():
        pytest.skip("the real data are not beside this checkout")
    return REAL
