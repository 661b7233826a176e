"""What a person reads on the terminal."""

import pandas as pd

from geo.schema import FILES, Files, conform, empty
from maps.figures import files_told, verdict


def files(*rows: tuple[str, str, int, int]) -> Files:
    frame = pd.DataFrame("", index=range(len(rows)), columns=list(empty(FILES)))
    frame[["path", "kind", "rows", "used"]] = rows
    frame["rejected"] = frame["rows"] - frame["used"]
    return Files(conform(frame, FILES))


def tracks(count: int, *, used: int = 1) -> list[tuple[str, str, int, int]]:
    return [(f"patrols/{n}.gpx", "patrols", 1, used) for n in range(count)]


def test_many_files_alike_are_told_in_one_line_and_few_are_told_singly() -> None:
    told = files_told(files(*tracks(300), ("roads.geojson", "road", 18, 17)), "zh")
    assert told == [
        "patrols/ 里 300 个 .gpx 文件:巡查,用了 300/300 行",
        "roads.geojson:道路,用了 17/18 行",
    ]
    assert len(files_told(files(*tracks(3)), "zh")) == 3


def test_a_file_that_lost_rows_is_never_folded_away() -> None:
    told = files_told(files(*tracks(9), ("patrols/bad.gpx", "patrols", 5, 2)), "en")
    assert told[1] == "patrols/bad.gpx: patrols, 2 of 5 rows used"
    assert len(files_told(files(*tracks(9, used=0)), "en")) == 9


def test_the_last_line_counts_what_is_wrong() -> None:
    assert verdict(0, 0, "zh") == "没有发现问题"
    assert verdict(2, 1, "en") == "2 errors, 1 warnings"
