"""Choose the columns of a file and its profile as soon as the column names are known."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from geo.catalog.layers import Layer
from geo.readers.column_mapping import ColumnMap, is_personal, map_columns
from geo.readers.profiles import OSM, Profile, recognised
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
    """

    layer: Layer
    explicit: Mapping[str, str]
    profile: Profile | None
    with_coordinates: bool = False
    is_recognised: bool = False
    columns: ColumnMap = field(default_factory=lambda: ColumnMap({}, []))
    names: Sequence[str] = ()

    def choose(self, names: Sequence[str], cut: Collection[str] = ()) -> list[str]:
        """Return the columns to read out of all column names; personal columns are never among them.

        Names in ``cut`` may be the beginning of a longer heading.
        """
        check_columns(self.layer.name, len(names), 0)
        self.names = tuple(names)
        if self.profile is None:
            self.profile = recognised(names, self.layer.name)
            self.is_recognised = self.profile is not None
        extra = self.profile.columns if self.profile is not None else {}
        self.columns = map_columns(
            names, self.layer, self.explicit, extra=extra, coordinates=self.with_coordinates, cut=cut
        )
        if self.profile is not None and self.profile.name == OSM:
            return [name for name in names if not is_personal(name)]
        return list(dict.fromkeys(self.columns.fields.values()))
