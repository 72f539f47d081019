"""The plot shows each count as an area of its height."""

from __future__ import annotations

from xml.etree import ElementTree

from logo_classifier.cli.report.plot import draw_confidences


def bars(drawn: str) -> list[dict[str, str]]:
    root = ElementTree.fromstring(drawn)  # noqa: S314 - our own
    return [dict(each.attrib) for each in root.iter("rect")]


def test_bars_of_a_bin_stand_on_each_other_with_heights_by_their_counts() -> None:
    simple, text = bars(draw_confidences({"simple": [0, 3], "text": [0, 1]}, 0.5))

    assert (simple["class"], text["class"]) == ("simple", "text")
    assert simple["x"] == text["x"]
    assert abs(float(simple["height"]) - 3 * float(text["height"])) < 0.2
    assert abs(float(text["y"]) + float(text["height"]) - float(simple["y"])) < 0.2


def test_no_pictures_draw_axes_alone() -> None:
    drawn = draw_confidences({}, 0.5)

    assert bars(drawn) == []
    assert "confidence" in drawn
