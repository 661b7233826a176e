"""Measure each patrol's track: how long, how far, how fast, and what it is like."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.cleaning import seconds_of
from geo.schema import MEASURED, Fixes, Measured, conform

# 4 km in 15 minutes is what a provincial list of odd patrols takes for riding.
RIDING_M_S = 16 / 3.6


def tracks(fixes: Fixes) -> pd.DataFrame:
    """Return track fixes in order of patrol and time, with the step from the one before.

    Columns: patrol_id, x, y, t (seconds, NaN without), d (metres), s (seconds of the step).
    """
    kept = ((fixes["point"] == "track") & np.isfinite(fixes["x_m"])).to_numpy()
    frame = pd.DataFrame(
        {
            "patrol_id": fixes["patrol_id"].to_numpy(dtype=object)[kept],
            "x": fixes["x_m"].to_numpy(float)[kept],
            "y": fixes["y_m"].to_numpy(float)[kept],
            "t": seconds_of(fixes["at"])[kept],
        }
    ).sort_values(["patrol_id", "t"], kind="stable")
    step = frame.groupby("patrol_id")[["x", "y", "t"]].diff()
    return frame.assign(d=np.hypot(step["x"], step["y"]), s=step["t"])


def measured(fixes: Fixes) -> Measured:
    """Return the measures of every patrol that has fixes, in the order of their ids."""
    steps = tracks(fixes)
    moving = steps["s"].where(steps["s"] > 0, 0.0)
    steps = steps.assign(
        moving=moving,
        riding=moving.where(steps["d"] / steps["s"] > RIDING_M_S, 0.0),
        likeness=_likeness(steps),
    )
    each = steps.groupby("patrol_id").agg(
        fixes=("x", "size"), begun_s=("t", "min"), ended_s=("t", "max"), length_m=("d", "sum"),
        moving_s=("moving", "sum"), riding_s=("riding", "sum"), likeness=("likeness", "sum"),
        west=("x", "min"), east=("x", "max"), south=("y", "min"), north=("y", "max"),
    )  # fmt: skip
    ends = steps.dropna(subset=["t"]).groupby("patrol_id")[["x", "y"]]
    first = ends.first().add_prefix("first_").add_suffix("_m")
    last = ends.last().add_prefix("last_").add_suffix("_m")
    each = each.assign(
        extent_m=np.hypot(each["east"] - each["west"], each["north"] - each["south"]),
        likeness=each["likeness"].to_numpy(np.uint64).view(np.int64),
    )
    points = (fixes["point"] == "checkin").groupby(fixes["patrol_id"])
    told = pd.DataFrame({"points": points.size(), "checkins": points.sum()})
    told = told.join([each, first, last])
    whole = ["checkins", "fixes", "likeness"]
    told[whole] = told[whole].fillna(0).astype(np.int64)
    return Measured(conform(told.rename_axis("patrol_id").reset_index()[MEASURED.names], MEASURED))


def _likeness(steps: pd.DataFrame) -> NDArray[np.uint64]:
    """Return a number for each fix; those of two tracks add up alike when all places agree."""
    places = pd.DataFrame({"x": steps["x"].round(1), "y": steps["y"].round(1)})
    # Wraps around like any hash; two tracks agree when every place of theirs does.
    marks = pd.util.hash_pandas_object(places, index=False).to_numpy()
    order = steps.groupby("patrol_id").cumcount().to_numpy().astype(np.uint64)
    return marks * (2 * order + np.uint64(1))
