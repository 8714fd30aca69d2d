"""Read the words for kinds, states, classes and levels in Chinese and English tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

from geo.catalog.fields import Field
from geo.catalog.free_words import place_word
from geo.catalog.layers import layer as layer_named
from geo.plain_words import bare_word
from geo.readers.words import camera_words


def value_reader(layer: str, field: str) -> Callable[[str], str | None] | None:
    """Return the function that reads a word of that field as one of its choices, None for a free field."""
    found = layer_named(layer).field(field)
    if found.common:
        # A free text: only what downloads write for a value is read as it, any other text stays what it is.
        names = {one.zh: one.name for one in found.common}
        if (layer, field) == ("cameras", "place_type"):
            # So is what says one of the two; an elevator or 派出所（室内） stays what it is called.
            return lambda text: place_word(text) or names.get(text, text)
        return lambda text: names.get(text, text)
    table = _words(found)
    if (layer, field) == ("cameras", "status"):
        return lambda text: camera_words.state_of_phrase(text, table)
    if (layer, field) == ("cameras", "kind"):
        return lambda text: table.get(bare_word(text)) or camera_words.camera_kind(text)[0]
    return (lambda text: table.get(bare_word(text))) if table else None


def is_none_of_layer(layer: str, field: str, text: str) -> bool:
    """Return whether a word says that the row is no thing of its layer."""
    return (layer, field) == ("cameras", "kind") and camera_words.is_no_camera(text)


def doubt(layer: str, field: str, text: str) -> str:
    """Return why a word of that field that was read should be looked at; empty where it is plain."""
    if (layer, field) == ("cameras", "class"):
        return camera_words.camera_class(text)[1]
    if (layer, field) == ("cameras", "kind") and bare_word(text) not in _words(layer_named(layer).field(field)):
        return camera_words.camera_kind(text)[1]
    return ""


def number_reader(layer: str, field: str) -> Callable[[str], int | None]:
    """Return the function that reads a word of that field as one of its numbers, None where it is unknown."""
    if (layer, field) == ("cameras", "class"):
        return lambda text: camera_words.camera_class(text)[0]
    table = _words(layer_named(layer).field(field))
    return lambda text: _number(table.get(bare_word(text)))


def _number(read: str | None) -> int | None:
    return None if read is None else int(read)


@cache
def _words(field: Field) -> Mapping[str, str]:
    """Return word -> value of a field; the values and what people read for them are among the words."""
    read = {bare_word(word): one.name for one in field.values for word in (one.zh, one.en)}
    return read | {bare_word(word): one.name for one in field.values for word in (one.name, *one.words.split())}
