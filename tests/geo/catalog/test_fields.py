"""Hold the declarations to what readers, stores and maps take for granted of them."""

from __future__ import annotations

import re
from itertools import chain

import pytest

from geo.catalog import layers, palette, results
from geo.catalog.division_codes import DIVISION_LEVELS
from geo.catalog.editions import DEFAULT_LEVEL, DOMAINS, EDITIONS, LEVEL_NAMES
from geo.catalog.fields import POSITION, Field, Limits
from geo.catalog.layers import LAYERS, layer
from geo.errors import UnknownName

EVERY = [(one.name, field) for one in LAYERS.values() for field in (*one.all_fields, *one.also_read)]


def test_every_key_is_a_field_and_names_occur_once() -> None:
    for one in LAYERS.values():
        names = [field.name for field in (*one.all_fields, *one.also_read)]
        assert one.key in names
        assert len(set(names)) == len(names)
        assert set(one.map_fields) <= set(names)
        assert set(one.popup_fields) <= set(one.map_fields)


def test_every_level_of_divisions_has_codes_of_its_own_length() -> None:
    assert tuple(DIVISION_LEVELS) == LAYERS["divisions"].field("level").choices
    assert sorted(set(DIVISION_LEVELS.values())) == list(DIVISION_LEVELS.values())


def test_narrow_columns_have_the_unit_of_lengths_and_areas() -> None:
    assert results.GAPS.field("distance_m").column_heading == ("距离 m", "distance m")
    assert results.ZONE_TABLE.field("gap_m2").column_heading == ("盲区 m²", "gap m2")
    assert results.ZONE_TABLE.field("sure_share").column_heading == ("确定", "sure")


def test_a_popup_shows_each_of_its_figures_once() -> None:
    shown = [name for _, names in results.popup_rows() for name in names]
    assert sorted(shown) == sorted(one.name for one in results.ZONE_FIGURES if one.in_popup)
    assert ["c1_share", "c2_share", "c3_share"] in [names for _, names in results.popup_rows()]


@pytest.mark.parametrize(("of", "field"), EVERY, ids=lambda value: getattr(value, "name", value))
def test_a_field_is_told_in_both_languages(of: str, field: Field) -> None:
    assert re.search(r"[\u4e00-\u9fff]", field.zh), of
    assert not re.search(r"[\u4e00-\u9fff]", field.en), of
    for one in field.values:
        assert one.zh, of
        assert one.en, of


@pytest.mark.parametrize("name", LAYERS)
def test_a_word_is_read_as_one_value_only(name: str) -> None:
    for field in LAYERS[name].fields:
        words = list(chain.from_iterable((one.name, *one.words.split()) for one in field.values))
        assert len(set(words)) == len(words), field.name


def test_a_word_of_a_value_is_written_as_readers_compare_it() -> None:
    for _, field in EVERY:
        for one in field.values:
            for word in one.words.split():
                assert word == re.sub(r"[\s_-]", "", word).casefold(), (field.name, word)


def test_headings_of_one_layer_do_not_compete_more_than_they_must() -> None:
    """Within a layer a heading belongs to the first field that lists it; a second one would never be read by it."""
    for one in LAYERS.values():
        listed = [word for field in (*one.fields, *one.also_read) for word in field.columns.split()]
        twice = {word for word in listed if listed.count(word) > 1}
        assert twice <= {"level"}, (one.name, twice)


def test_ranks_are_places_in_one_order() -> None:
    for rank, names in (("input_rank", layers.INPUTS), ("drawn_rank", layers.DRAWN)):
        assert sorted(getattr(LAYERS[name], rank) for name in names) == list(range(1, len(names) + 1))
    assert set(layers.ZONE_INPUTS) == {*(one.source for one in results.ZONES), "areas"}


def test_a_default_lies_in_its_limits() -> None:
    for _, field in EVERY:
        if isinstance(field.default, dict) and field.limits is not None:
            for value in field.default.values():
                assert field.limits.low <= value <= field.limits.high


def test_limits_read_as_intervals() -> None:
    assert str(Limits(0.0, 360.0, has_low=False)) == "(0, 360]"
    assert str(Limits(-90.0, 90.0)) == "[-90, 90]"
    assert str(Limits(0.0)) == "[0, inf)"


def test_an_unknown_layer_or_field_is_named() -> None:
    with pytest.raises(UnknownName, match="no layer lamps; there are: divisions, grids"):
        layer("lamps")
    with pytest.raises(UnknownName, match="layer roads has no field lanes"):
        layer("roads").field("lanes")


def test_results_are_in_one_order() -> None:
    assert tuple(results.RUN_LAYERS) == ("views", "possible", "coverage", *results.ZONE_LAYERS, "all", "gaps")
    assert results.ZONE_TABLE.names[-len(results.FIGURES) :] == results.FIGURES
    assert set(results.SHARES) | set(results.AMOUNTS) | set(results.CAMERA_FIGURES) == set(results.FIGURES)
    assert set(results.WHOLE_AREA) < set(results.ZONE_LAYERS)


def test_every_level_has_a_name_and_every_edition_a_default() -> None:
    assert set(chain.from_iterable(EDITIONS.values())) == set(LEVEL_NAMES)
    assert {edition: level in EDITIONS[edition] for edition, level in DEFAULT_LEVEL.items()} == dict.fromkeys(
        EDITIONS, True
    )
    assert DOMAINS[0] == "auto"


def test_every_cause_and_class_has_its_mark() -> None:
    assert tuple(palette.CAUSE_MARKS) == results.CAUSES
    classes = {one.name for one in LAYERS["cameras"].field("class").values} | {"none"}
    for theme in palette.THEMES.values():
        assert set(theme.camera) == classes
        assert set(theme.layers) <= set(LAYERS)
    assert set(palette.SYMBOLS) == classes


def test_a_place_is_read_by_names_that_no_field_claims() -> None:
    claimed = {field.name for _, field in EVERY}
    assert not claimed & {one.name for one in POSITION}
