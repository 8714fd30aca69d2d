"""Choose the columns of a file and its profile as soon as the column names are known."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from geo.catalog.layers import Layer
from geo.readers.columns.column_mapping import ColumnMap, is_personal, map_columns, unique_names
from geo.readers.columns.profiles import OSM, Profile, recognised
from geo.readers.source import check_columns


@dataclass
class ColumnPlan:
    """Which columns of a file are read, and for which field.

    Attributes
    ----------
    layer
        The layer that the file is read as.
    explicit
        Field -> column as the user gave them.
    profile
        The profile the user gave, else the one recognised by the column names; None for neither.
    with_coordinates
        Whether coordinates are in columns, as in a table.
    is_recognised
        Whether the profile was recognised by the column names.
    columns
        The result of the last `choose`.
    names
        All column names that the last `choose` was given.
    with_samples
        Whether columns that nobody reads are read too, for their first values; never personal ones.
    keeps_rows
        Whether every row below the heading of a table is one of the list, totals and notes too.
    """

    layer: Layer
    explicit: Mapping[str, str]
    profile: Profile | None
    with_coordinates: bool = False
    is_recognised: bool = False
    columns: ColumnMap = field(default_factory=lambda: ColumnMap({}, []))
    names: Sequence[str] = ()
    with_samples: bool = False
    keeps_rows: bool = False

    def choose(
        self, names: Sequence[str], known_as: Sequence[str] | None = None, *, cut: Collection[str] = ()
    ) -> list[str]:
        """Return the columns to read out of all column names; personal columns are never among them.

        Parameters
        ----------
        known_as
            The part of each name that fields are known by, where a heading has several rows; None for the names.
        cut
            Names that may be the beginning of a longer heading, as those of a .dbf file are after 10 bytes.
        """
        check_columns(self.layer.name, len(names), 0)
        self.names = tuple(names)
        known = list(names) if known_as is None else unique_names(known_as)
        shown = dict(zip(known, names, strict=True))
        if self.profile is None:
            self.profile = recognised(known, self.layer.name)
            self.is_recognised = self.profile is not None
        extra = self.profile.columns if self.profile is not None else {}
        whole = {name: part for part, name in shown.items()}
        explicit = {one: whole.get(column, column) for one, column in self.explicit.items()}
        found = map_columns(
            known,
            self.layer,
            explicit,
            extra=extra,
            coordinates=self.with_coordinates,
            cut=[whole[name] for name in cut if name in whole],
        )
        self.columns = ColumnMap(
            {one: shown[column] for one, column in found.fields.items()}, [shown[column] for column in found.dropped]
        )
        # Cells of a table tell what a column is where its heading does not (pairs, WKT, codes, parts of an address).
        if self.with_samples or self.with_coordinates or (self.profile is not None and self.profile.name == OSM):
            return [name for name in names if not is_personal(name)]
        return list(dict.fromkeys(self.columns.fields.values()))
