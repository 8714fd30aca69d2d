"""Collect the raw cells of each field from the columns or the OpenStreetMap tags of a source."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from geo.readers.columns import base_codes, osm_columns
from geo.readers.columns.address_parts import add_address_texts
from geo.readers.columns.code_columns import settle_codes
from geo.readers.columns.column_mapping import COORDINATES, map_columns
from geo.readers.columns.column_plan import ChosenColumns, ColumnPlan
from geo.readers.columns.content_columns import read_by_content
from geo.readers.columns.profiles import OSM, PROFILES, Profile
from geo.readers.columns.second_columns import note_second_columns, read_better_columns
from geo.readers.osm import osm_tags
from geo.readers.rows import dated_numbers, division_rows
from geo.readers.source import SourceTable
from geo.sentences import sentence


@dataclass
class RawFields:
    """Cells of each field before any value is interpreted, and what became of every column.

    Attributes
    ----------
    cells
        Field -> raw cells, one per feature.
    mapping
        Field -> column or tag.
    dropped
        Columns not read because they hold personal or network data.
    unused
        Columns that nobody reads.
    profile
        The profile that columns and cells showed; None for none.
    """

    cells: dict[str, pd.Series]
    mapping: dict[str, str]
    dropped: list[str]
    unused: list[str]
    profile: Profile | None


def raw_fields(source: SourceTable, chosen: ChosenColumns) -> RawFields:
    """Return what was read for each field, before any value is interpreted.

    Columns of an OpenStreetMap profile are read as tags, and faults and notes of its tags go to the source.
    """
    raw: dict[str, pd.Series] = {}
    profile = chosen.profile
    mapping: dict[str, str] = {}
    dropped = list(chosen.dropped)
    used = set(chosen.fields.values())
    unused = [name for name in chosen.names if name not in used and name not in dropped]
    tags = source.tags
    if tags is None and profile is not None and profile.name == OSM:
        tags = osm_columns.tags_of_columns(source.columns, chosen.layer.name)
    if tags is not None:
        others = osm_tags.left_out(chosen.layer.name, tags)
        source.leave_out(others)
        tags = [one for row, one in enumerate(tags) if row not in others]
        profile = PROFILES[OSM]
        read = osm_tags.read_tags(chosen.layer.name, tags)
        raw, mapping = read.frame, read.mapping
        dropped += [tag for tag in read.dropped if tag not in dropped]
        unused = list(read.unused)
        source.row_notes.update(read.notes)
        for row, fault in read.faults.items():
            source.faults.setdefault(row, fault)
        for name, key in _explicit_tags(chosen.plan, tags).items():
            raw[name] = pd.Series([row.get(key) for row in tags], dtype=object)
            mapping[name] = key
        unused = [key for key in unused if key not in mapping.values()]
        fields = {}
    else:
        if chosen.is_recognised and profile is not None:
            known = profile.name
            source.notes[sentence(f"按列名认出来源方案 {known}", f"profile {known} recognised by its columns")] += len(
                source
            )
        fields = dict(chosen.fields)
    if chosen.layer.name == "addresses" and tags is None:
        dated_numbers.read_back_numbers(source, fields, dropped)
    for name, column in fields.items():
        if name not in COORDINATES:
            raw[name] = source.columns[column].reset_index(drop=True)
            mapping[name] = column
    if tags is None:
        joined = _join_columns(source, chosen, raw, mapping, dropped)
        unused = [name for name in unused if name not in joined]
        extra = profile.columns if profile is not None else {}
        unused = read_better_columns(source, chosen.layer, raw, mapping, unused, extra, chosen.plan.explicit)
        if chosen.layer.name == "cameras":
            unused = read_by_content(source, chosen.layer, raw, mapping, unused, chosen.plan.explicit)
        note_second_columns(source, chosen.layer, raw, mapping, unused, extra)
    if chosen.layer.name == "cameras" and tags is None:
        profile = settle_codes(source, raw, mapping, profile)
        _sheets_as_sources(source, raw)
    base_codes.plain_codes(source, chosen.layer, raw)
    return RawFields(raw, mapping, dropped, unused, profile)


def _join_columns(
    source: SourceTable,
    chosen: ChosenColumns,
    raw: dict[str, pd.Series],
    mapping: dict[str, str],
    dropped: Collection[str],
) -> list[str]:
    """Read what several columns say together, addresses by their parts and divisions by their levels; return those."""
    if chosen.layer.name == "addresses":
        return add_address_texts(source, raw, mapping, [name for name in chosen.names if name not in dropped])
    if chosen.layer.name == "divisions":
        return division_rows.read_levels(source, chosen, raw, mapping)
    return []


def _sheets_as_sources(source: SourceTable, raw: dict[str, pd.Series]) -> None:
    """Take the sheet of a workbook as the source of its cameras, where no column names one.

    Sheets come from townships or contractors of their own, with coordinate systems of their own: check tests each
    source alone.
    """
    if "source" in raw or source.sheet_of_row is None or len(source.sheets) < 2:
        return
    names = np.array(source.sheets, dtype=object)
    raw["source"] = pd.Series(names[source.sheet_of_row], dtype=object)
    source.notes["没有来源列，来源记为工作表名 / no column of sources: the name of the sheet is taken"] += len(source)


def _explicit_tags(plan: ColumnPlan, tags: Sequence[Mapping[str, Any]]) -> Mapping[str, str]:
    if not plan.explicit:
        return {}
    keys = dict.fromkeys(key for row in tags for key in row)
    fields = map_columns(keys, plan.layer, plan.explicit).fields
    return {name: fields[name] for name in plan.explicit if name not in COORDINATES}
