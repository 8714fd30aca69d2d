"""Read batches of `/locate` from JSON: the good rows well, and of those that cannot be written as text why."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from api import problems
from api.json_bodies import parse_json_rows
from api.representations.batch_rows import too_many_rows
from geo.catalog.division_codes import code_text
from geo.catalog.layers import layer as layer_named
from geo.errors import BadValue
from geo.readers.columns.address_parts import text_of_parts
from geo.readers.columns.column_mapping import fields_of_heading, is_personal
from geo.readers.columns.place_cells import LOOKED_AT
from geo.readers.columns.row_columns import RowColumns, row_columns
from geo.readers.columns.unread_places import columns_of_places
from geo.readers.place_lists import ENDED
from geo.readers.place_points import point_names, points_of_objects
from geo.readers.rows.row_crs import may_name_systems
from geo.readers.words import cell_values
from geo.storage.protocol import Bbox

_KNOWN = ("id", "address", "lon", "lat", "crs", "grid_code")
_NUMBERS = ("lon", "lat")
_OF_POINTS = (*_NUMBERS, "crs")
_NO_SCALAR = BadValue("既不是文字也不是数", "neither text nor number")
_HALF_PAIR = re.compile("[\ud800-\udfff]")


class FaultyObject(dict[str, Any]):
    r"""An object with a value that is none, put right, and what is wrong of it, where that is read.

    Examples
    --------
    >>> one = FaultyObject({"id": 1, "address": "东街\ud800"})
    >>> dict(one), one.fault.en
    ({'id': 1, 'address': '东街\ufffd'}, 'address: half a surrogate pair, which is no character')
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(_put_right(values))
        self.fault = next((fault for name in _KNOWN if (fault := _fault_of(name, values.get(name)))), None)


def objects_of_json(body: bytes, *, most: int | None = None) -> list[Any]:
    """Return the values of a JSON array; an object with a value that is none is a `FaultyObject`.

    Parameters
    ----------
    most
        Upper bound on rows; more raise BodyTooLarge.

    Examples
    --------
    >>> objects_of_json(b'[{"id": "1"}, 7]')
    [{'id': '1'}, 7]
    """
    value = parse_json_rows(body, max_values=None) if most is None else parse_json_rows(body)
    if not isinstance(value, list):
        raise problems.BadBody("JSON 须是数组", "the JSON must be an array")
    if most is not None and len(value) > most:
        raise too_many_rows(most)
    return [FaultyObject(row) if isinstance(row, dict) and not _is_good(row) else row for row in value]


def rows_of_objects(values: Sequence[Any], crs: str | None = None, near: Bbox | None = None) -> list[Mapping[str, Any]]:
    """Return what is read of each value of a JSON array, an empty row, which is an error, for one that is no object.

    Where none has an ``id``, that is the place in the array, from 1. What stands beside an address, or without one, is
    found by the names of the columns as in a table: see `geo.readers.columns.row_columns`, and for the points of
    objects without ``lon`` and ``lat`` `geo.readers.place_points`. A value that is read and is neither text nor number
    is told: it is ``unread``, or the ``point_fault``.

    Parameters
    ----------
    crs
        The CRS of points whose object names none.
    near
        Where the points are expected: it tells the order of a pair where nothing else does.

    Examples
    --------
    >>> [(row["id"], row.get("address")) for row in rows_of_objects([{"address": "东街1号"}, "东街2号"])]
    [('1', '东街1号'), ('2', None)]
    """
    forms = _forms(values)
    rows = [_row(value, *forms[tuple(value)]) if isinstance(value, dict) else {} for value in values]
    rows = _with_points(rows, values, crs, near)
    if any(row.get("id") is not None for row in rows):
        return rows
    return [{**row, "id": str(number)} for number, row in enumerate(rows, start=1)]


def have_grid_codes(rows: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether a row of a list has a code of a grid.

    Examples
    --------
    >>> have_grid_codes(rows_of_objects([{"新网格编码": "g1"}])), have_grid_codes(rows_of_objects([{"address": "g1"}]))
    (True, False)
    """
    return any(row.get("grid_code") is not None for row in rows)


def _row(value: Mapping[str, Any], columns: RowColumns, unused: Sequence[str]) -> Mapping[str, Any]:
    names = columns.names()
    texts = {name: _text_or_none(value.get(name)) for name in names}
    joined = text_of_parts(columns.parts, [texts[name] for name, _ in columns.parts]) if columns.are_joined else None
    place = columns.place(_text_or_none(value.get("address")), joined, texts)
    row = {name: _scalar_or_none(value.get(name)) for name in _OF_POINTS}
    row |= {"id": _key(value.get(_key_name(tuple(value)))), **place._asdict()}
    unread = [name for name in ("address", *names) if _is_no_scalar(value.get(name))]
    row["unread"] = [(name, _NO_SCALAR) for name in dict.fromkeys((*unread, *_nested_places(value)))]
    row["unused"] = [(name, text) for name in unused if (text := _text_or_none(_cell(value[name]))) is not None]
    row["ended"] = _ended(value)
    has_point = any(value.get(name) is not None for name in _NUMBERS)
    if has_point and (bad := [name for name in _OF_POINTS if _is_no_scalar(value.get(name))]):
        row |= {"point_fault": BadValue(f"{bad[0]} {_NO_SCALAR.zh}", f"{bad[0]} is {_NO_SCALAR.en}")}
    return {**row, "fault": value.fault} if isinstance(value, FaultyObject) else row


def _with_points(
    rows: Sequence[Mapping[str, Any]], values: Sequence[Any], crs: str | None, near: Bbox | None
) -> list[Mapping[str, Any]]:
    """Return the rows with their points, which are read by the names of tables; a fault told before stays."""
    out = list(rows)
    of = [k for k, row in enumerate(rows) if row]
    objects = [{name: _cell(value) for name, value in values[k].items()} for k in of]
    for k, point in zip(of, points_of_objects(objects, crs, near), strict=True):
        row = {**rows[k], "unused": [one for one in rows[k]["unused"] if one[0] not in point.columns]}
        if row.get("point_fault") is not None or _is_no_number(values[k]):  # what it has is told as it is
            out[k] = {**row, "further": point.further}
        else:
            out[k] = {**row, **point._asdict(), "point_fault": point.fault, "fault": row.get("fault")}
    return out


def _nested_places(value: Mapping[str, Any]) -> list[str]:
    """Return the names of an object under which another one says where a place is, which is not read."""
    return [name for name, one in value.items() if isinstance(one, dict) and _says_place(one)]


def _says_place(value: Mapping[str, Any]) -> bool:
    names = tuple(value)
    return "address" in value or bool(point_names(names)) or bool(_columns(names, [value])[0].names())


def _is_no_number(value: Mapping[str, Any]) -> bool:
    """Return whether a coordinate of an object is no finite number: it is told as such, and not taken for blank."""
    return any(isinstance(one := value.get(name), float) and not math.isfinite(one) for name in _NUMBERS)


def _cell(value: Any) -> Any:
    """Return a value as a cell of a table: a list of two as a pair of coordinates, others as they are written."""
    if isinstance(value, list) and len(value) == len(_NUMBERS) and not any(map(_is_no_scalar, value)):
        return ",".join(map(str, value))
    return _key(value)


def _scalar_or_none(value: Any) -> Any:
    return None if _is_no_scalar(value) else value


def _is_no_scalar(value: Any) -> bool:
    return isinstance(value, bool) or not (value is None or isinstance(value, (str, int, float)))


def _key(value: Any) -> Any:
    """Return the key of a row, of any value as it is written in JSON."""
    return json.dumps(value, ensure_ascii=False) if _is_no_scalar(value) else value


@lru_cache(maxsize=256)
def _key_name(names: tuple[str, ...]) -> str:
    """Return the name of the key of an object: ``id``, else what is one in a table."""
    keys = [one for one in names if not is_personal(one) and "id" in fields_of_heading(one, layer_named("addresses"))]
    return "id" if "id" in names or not keys else keys[0]


def _forms(values: Sequence[Any]) -> Mapping[tuple[str, ...], tuple[RowColumns, Sequence[str]]]:
    """Return the names that say where a place is, and those that speak of places and are not used, for each form."""
    forms: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for value in values:
        if isinstance(value, dict) and len(of_form := forms.setdefault(tuple(value), [])) < LOOKED_AT:
            of_form.append(value)
    return {names: _columns(names, objects) for names, objects in forms.items()}


def _columns(names: tuple[str, ...], objects: Sequence[Mapping[str, Any]]) -> tuple[RowColumns, Sequence[str]]:
    """Return the names of an object that say where its place is, and those that speak of places and are not used."""
    left = [name for name in names if not is_personal(name)]
    texts = {name: [_text_or_none(_cell(one[name])) for one in objects] for name in left if name not in _KNOWN}
    samples = {name: [text for text in found if text is not None] for name, found in texts.items()}
    found = row_columns(left, "address", known=("id", *_OF_POINTS), samples=samples)
    used = {*_KNOWN, _key_name(names), *found.names(), *(name for name in left if may_name_systems(name))}
    return found, columns_of_places(left, used, samples)


@lru_cache(maxsize=256)
def _end_name(names: tuple[str, ...]) -> str | None:
    of = layer_named("addresses")
    return next((one for one in names if not is_personal(one) and ENDED in fields_of_heading(one, of)), None)


def _ended(value: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the name and the date until when an object says that it holds; None where it says none."""
    name = _end_name(tuple(value))
    day = None if name is None else cell_values.day_of(_scalar_or_none(value[name]))
    return None if name is None or day is None else (name, day)


def _text_or_none(value: Any) -> str | None:
    scalar = _scalar_or_none(value)
    text = scalar.strip() if isinstance(scalar, str) else "" if scalar is None else code_text(scalar)
    return None if cell_values.is_missing_word(text) else text


def _is_good(value: Any) -> bool:
    """Return whether a value can be written as JSON and as text."""
    if isinstance(value, str):
        return _HALF_PAIR.search(value) is None
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, dict):
        return all(_is_good(name) and _is_good(one) for name, one in value.items())
    return all(map(_is_good, value)) if isinstance(value, list) else True


def _put_right(value: Any) -> Any:
    """Return a value with U+FFFD for each half of a surrogate pair; numbers that are none are read as such later."""
    if isinstance(value, str):
        return _HALF_PAIR.sub("\ufffd", value)
    if isinstance(value, Mapping):
        return {_put_right(name): _put_right(one) for name, one in value.items()}
    return [_put_right(one) for one in value] if isinstance(value, list) else value


def _fault_of(name: str, value: Any) -> BadValue | None:
    """Return what is wrong with a value that is read; a coordinate that is no number is so of its point alone."""
    if isinstance(value, str) and _HALF_PAIR.search(value):
        return BadValue(f"{name}：有不成字符的半个代理对", f"{name}: half a surrogate pair, which is no character")
    if isinstance(value, float) and not math.isfinite(value) and name not in _NUMBERS:
        return BadValue(f"{name}：不是有限的数", f"{name}: no finite number")
    return None
