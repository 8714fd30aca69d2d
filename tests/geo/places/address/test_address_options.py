"""Options of a reading: texts taken whole, words before names, and spans."""

from __future__ import annotations

from geo.places.address.address_options import Option, is_before_a_name, joined, read_pieces, whole
from geo.places.address.place_tree import ROOT
from geo.places.address.readings import AddressReader
from tests.geo.places.address.small_places import tree


def test_a_text_taken_whole_is_all_tail() -> None:
    reading = whole("粮库")
    assert (reading.place, reading.tail, list(read_pieces(reading, 1))) == (ROOT, "粮库", [(0, 1)])


def test_words_before_and_behind_the_names() -> None:
    reader = AddressReader(tree())
    assert not is_before_a_name(reader.read("土门镇新胜村3组")[0])
    assert is_before_a_name(reader.read("原来土门镇新胜村3组")[0])


def test_an_option_has_no_other_grids_unless_they_are_named() -> None:
    option = Option(None, ROOT, 3, whole("粮库").spans, "match", 1.0, 1.0, (), False, ())  # type: ignore[arg-type]
    assert (option.reach_m, option.others.tolist()) == (0.0, [])


def test_spans_that_touch_or_overlap_are_one() -> None:
    assert joined([(3, 5), (0, 3), (4, 4), (7, 8)]) == [(0, 5), (7, 8)]
    assert joined([]) == []
