"""Describe one stored layer: its shapes, key and fields, who may read and write it, what it serves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from geo.catalog.fields import FIRST_DAY, VALIDITY, Field
from geo.errors import UnknownName

Shape = Literal["point", "line", "polygon"]


@dataclass(frozen=True)
class Layer:
    """One stored vector layer.

    Attributes
    ----------
    name
        In stores, commands and addresses.
    zh, en
        Headings.
    shapes
        The single kinds of shape allowed, their multi forms included; none for a table of rows without a place.
    key
        The field that names a row, once per layer.
    fields
        What is stored, in stored order; validity dates come after.
    also_read
        Columns that readers take for this layer and turn into its fields.
    is_scoped
        Whether rows belong to a township and only its planners see them; else every signed-in user does.
    is_admins
        Whether only an admin writes it: a township is what a division says it is.
    input_rank
        Place among the inputs of an analysis, from 1; 0 for none.
    is_zones
        Whether its rows, or some of them, are zones of an analysis.
    drawn_rank
        Place among the layers that maps draw below the results, from 1; 0 for none.
    map_fields
        Fields that a map takes along, in this order.
    popup_fields
        Those of them that its popup on the page lists, in this order.
    locates
        Whether a change of it may change which grid owns a place, or which place a text names.
    named_by
        The fields of which one at least must be in a file of it, or nobody could find its rows again; empty for none.
    may_lack_shape
        Whether a row may be without a place while others have one: a list of divisions has names and codes only.
    is_mixed
        Whether one row may be made of points, lines and areas together.
    since
        The day it was declared, ISO 8601.
    """

    name: str
    zh: str
    en: str
    shapes: tuple[Shape, ...]
    key: str
    fields: tuple[Field, ...]
    also_read: tuple[Field, ...] = ()
    is_scoped: bool = False
    is_admins: bool = False
    input_rank: int = 0
    is_zones: bool = False
    drawn_rank: int = 0
    map_fields: tuple[str, ...] = ()
    popup_fields: tuple[str, ...] = ()
    locates: bool = False
    named_by: tuple[str, ...] = ()
    may_lack_shape: bool = False
    is_mixed: bool = False
    since: str = FIRST_DAY

    def field(self, name: str) -> Field:
        """Return the field of that name, validity dates included; raise UnknownName otherwise."""
        for one in self.all_fields:
            if one.name == name:
                return one
        raise UnknownName(f"图层 {self.name} 没有字段 {name}", f"layer {self.name} has no field {name}")

    @property
    def is_placed(self) -> bool:
        """Whether its rows have a place; a table without has none in any row."""
        return bool(self.shapes)

    @property
    def needs_shape(self) -> bool:
        """Whether each of its rows must have a place."""
        return self.is_placed and not self.may_lack_shape

    @property
    def all_fields(self) -> tuple[Field, ...]:
        """The fields of the layer followed by the validity dates that every layer has."""
        return (*self.fields, *VALIDITY)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all fields, validity dates included, in stored order."""
        return tuple(one.name for one in self.all_fields)
