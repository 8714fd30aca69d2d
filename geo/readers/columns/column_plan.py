"""Choose the columns of a file and its profile as soon as the column names are known."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from geo.catalog.layers import Layer
from geo.readers.columns.column_mapping import is_personal, map_columns, unique_names
from geo.readers.columns.profiles import OSM, Profile, recognised
from geo.readers.source import check_columns


@dataclass(frozen=True)
class ColumnPlan:
    """By what the columns of a file are chosen.

    Attributes
    ----------
    layer
        The layer that the file is read as.
    explicit
        Field -> column as the user gave them.
    profile
        The profile that the user gave; None to recognise it by the column names.
    with_samples
        Whether columns that nobody reads are read too, for their first values; never personal ones.
    keeps_rows
        Whether every row below the heading of a table is one of the list, totals and notes too.
    """

    layer: Layer
    explicit: Mapping[str, str]
    profile: Profile | None
    with_samples: bool = False
    keeps_rows: bool = False

    def choose(
        self,
        names: Sequence[str],
        known_as: Sequence[str] | None = None,
        *,
        cut: Collection[str] = (),
        with_coordinates: bool = False,
    ) -> ChosenColumns:
        """Return the columns to read out of all column names, and for which field; personal ones are never read.

        Parameters
        ----------
        known_as
            The part of each name that fields are known by, where a heading has several rows; None for the names.
        cut
            Names that may be the beginning of a longer heading, as those of a .dbf file are after 10 bytes.
        with_coordinates
            Whether coordinates are in columns, as in a table.
        """
        check_columns(self.layer.name, len(names), 0)
        known = list(names) if known_as is None else unique_names(known_as)
        shown = dict(zip(known, names, strict=True))
        profile = recognised(known, self.layer.name) if self.profile is None else self.profile
        extra = profile.columns if profile is not None else {}
        whole = {name: part for part, name in shown.items()}
        explicit = {one: whole.get(column, column) for one, column in self.explicit.items()}
        found = map_columns(
            known,
            self.layer,
            explicit,
            extra=extra,
            coordinates=with_coordinates,
            cut=[whole[name] for name in cut if name in whole],
        )
        fields = {one: shown[column] for one, column in found.fields.items()}
        # Cells of a table tell what a column is where its heading does not (pairs, WKT, codes, parts of an address).
        if self.with_samples or with_coordinates or (profile is not None and profile.name == OSM):
            read = [name for name in names if not is_personal(name)]
        else:
            read = list(dict.fromkeys(fields.values()))
        dropped = tuple(shown[column] for column in found.dropped)
        return ChosenColumns(self, tuple(names), fields, dropped, tuple(read), profile, with_coordinates)


@dataclass(frozen=True)
class ChosenColumns:
    """Which columns of a file are read, and for which field.

    Attributes
    ----------
    plan
        By what they were chosen.
    names
        All column names.
    fields
        Field -> column.
    dropped
        Columns with personal data, which are not read.
    read
        The columns to read, also for what their cells tell.
    profile
        That of the plan, else the one recognised by the column names; None for neither.
    with_coordinates
        Whether coordinates are in columns, as in a table.
    """

    plan: ColumnPlan
    names: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    profile: Profile | None = None
    with_coordinates: bool = False

    @property
    def layer(self) -> Layer:
        """Return the layer that the file is read as."""
        return self.plan.layer

    @property
    def is_recognised(self) -> bool:
        """Return whether the profile was recognised by the column names."""
        return self.plan.profile is None and self.profile is not None
