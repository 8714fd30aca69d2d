"""Define the options of an analysis and check them before anything is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from geo.catalog import editions
from geo.catalog.options import DEFAULT_TARGET_HEIGHT_M
from geo.catalog.results import ALL, OWN_ZONES, ZONE_LAYERS, is_zone_layer
from geo.errors import BadValue, UnknownName


@dataclass(frozen=True)
class AnalyzeOptions:
    """Options of an analysis (docs/contract.md section 1).

    Attributes
    ----------
    level
        Level of detection that counts as seen; None for the default of the edition.
    edition
        Name of the edition of IEC 62676-4 that defines the levels; None for the default edition.
    target_height
        Height of the target above its ground, in metres.
    zones
        Zone layers to report; empty for all available ones.
    domain
        Where coverage is wanted (rule D1).
    at
        The day whose rows are read, ISO; None for today.
    """

    level: str | None = None
    edition: str | None = None
    target_height: float = DEFAULT_TARGET_HEIGHT_M
    zones: tuple[str, ...] = ()
    domain: str = "auto"
    at: str | None = None

    def checked(self) -> AnalyzeOptions:
        """Return the options with the defaults filled in; raise UnknownName or BadValue where one is invalid.

        Examples
        --------
        >>> options = AnalyzeOptions(zones=("grids",)).checked()
        >>> options.edition, options.level
        ('iec62676-4:2014', 'detect')
        """
        edition = self.edition or editions.DEFAULT_EDITION
        _require_known("edition", "标准版本", edition, editions.EDITIONS)
        level = self.level or editions.DEFAULT_LEVEL[edition]
        _require_known("level", "级别", level, editions.EDITIONS[edition])
        _require_known("domain", "评价范围", self.domain, editions.DOMAINS)
        for name in self.zones:
            if name == ALL or not is_zone_layer(name):
                _require_known("zone layer", "区域图层", name, (*ZONE_LAYERS, f"{OWN_ZONES}KIND"))
        if not 0.0 < self.target_height <= 100.0:
            raise BadValue(
                "目标高度必须大于 0 且不超过 100 米", "the target height must be above 0 and at most 100 metres"
            )
        day(self.at)
        return replace(self, edition=edition, level=level)

    def as_dict(self) -> dict[str, Any]:
        """Return the options as plain values, as stored with a run.

        Examples
        --------
        >>> AnalyzeOptions(zones=("grids",)).as_dict()["zones"]
        ['grids']
        """
        return {
            "level": self.level,
            "edition": self.edition,
            "target_height": self.target_height,
            "zones": list(self.zones),
            "domain": self.domain,
            "at": self.at,
        }


def day(text: str | None) -> date | None:
    """Return the day of an ISO text, None for None; raise BadValue where it is invalid.

    On the last day that a date can name nothing is valid: it stands for the end of what has none.

    Examples
    --------
    >>> day("2026-03-01")
    datetime.date(2026, 3, 1)
    """
    if text is None:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise BadValue(f"日期 {text[:40]} 不是 YYYY-MM-DD", f"the date {text[:40]} is not YYYY-MM-DD") from None
    if found == date.max:
        raise BadValue(
            f"日期 {text} 表示没有止日，请写更早的一天", f"the date {text} stands for no end: name an earlier day"
        )
    return found


def _require_known(what: str, zh: str, name: str, names: Any) -> None:
    if name not in names:
        listed = list(names.keys() if isinstance(names, Mapping) else names)
        raise UnknownName(
            f"没有{zh} {name[:80]}，可用：{'、'.join(listed)}", f"no {what} {name[:80]}; there are: {', '.join(listed)}"
        )
