"""See the engine's stable names: frames in, frozen results out. What is imported here is kept; all beneath may move.

`domain`, `views`, `coverage` and `gaps` are functions here; no package beneath bears their names. A name loads its
module when it is first asked for (PEP 562), so that `import geo.errors` loads no numpy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from geo.assessment.area_of_interest import Domain, domain
    from geo.assessment.claims import Claims, claims
    from geo.assessment.figures import coverage, outage, zone_metrics
    from geo.assessment.gaps import gaps
    from geo.assessment.incidence import Incidence, incidence
    from geo.assessment.preview import Preview, preview
    from geo.assessment.preview_base import PreviewBase, preview_base
    from geo.assessment.unknowns import unknowns
    from geo.catalog.editions import DEFAULT_EDITION, DEFAULT_LEVEL, EDITIONS
    from geo.catalog.layers import LAYERS
    from geo.derivation.place_words import place_words
    from geo.errors import GeoError, RowFault
    from geo.places.address.book import AddressBook
    from geo.places.locator import Locator
    from geo.planning.border_walk import border_walk
    from geo.planning.boundary_sides import boundary_sides, boundary_words
    from geo.planning.coding import Coding, grid_codes
    from geo.planning.crosswalk import crosswalk
    from geo.planning.division import Division, divide
    from geo.planning.grid_changes import GridChanges, GridOperation, changed_grids
    from geo.planning.zone_overlay import ZoneOverlay, overlay_zones
    from geo.types import Candidate, Finding, ImportReport, Match, Run
    from geo.visibility.views import Views, views

#: Name -> module beneath `geo` that defines it; the imports above tell type checkers the same.
_HOMES = {
    "DEFAULT_EDITION": "catalog.editions",
    "DEFAULT_LEVEL": "catalog.editions",
    "EDITIONS": "catalog.editions",
    "LAYERS": "catalog.layers",
    "AddressBook": "places.address.book",
    "Candidate": "types",
    "Claims": "assessment.claims",
    "Coding": "planning.coding",
    "Division": "planning.division",
    "Domain": "assessment.area_of_interest",
    "Finding": "types",
    "GeoError": "errors",
    "GridChanges": "planning.grid_changes",
    "GridOperation": "planning.grid_changes",
    "ImportReport": "types",
    "Incidence": "assessment.incidence",
    "Locator": "places.locator",
    "Match": "types",
    "Preview": "assessment.preview",
    "PreviewBase": "assessment.preview_base",
    "RowFault": "errors",
    "Run": "types",
    "Views": "visibility.views",
    "ZoneOverlay": "planning.zone_overlay",
    "border_walk": "planning.border_walk",
    "boundary_sides": "planning.boundary_sides",
    "boundary_words": "planning.boundary_sides",
    "changed_grids": "planning.grid_changes",
    "claims": "assessment.claims",
    "coverage": "assessment.figures",
    "crosswalk": "planning.crosswalk",
    "divide": "planning.division",
    "domain": "assessment.area_of_interest",
    "gaps": "assessment.gaps",
    "grid_codes": "planning.coding",
    "incidence": "assessment.incidence",
    "outage": "assessment.figures",
    "overlay_zones": "planning.zone_overlay",
    "place_words": "derivation.place_words",
    "preview": "assessment.preview",
    "preview_base": "assessment.preview_base",
    "unknowns": "assessment.unknowns",
    "views": "visibility.views",
    "zone_metrics": "assessment.figures",
}

__all__ = [
    "DEFAULT_EDITION",
    "DEFAULT_LEVEL",
    "EDITIONS",
    "LAYERS",
    "AddressBook",
    "Candidate",
    "Claims",
    "Coding",
    "Division",
    "Domain",
    "Finding",
    "GeoError",
    "GridChanges",
    "GridOperation",
    "ImportReport",
    "Incidence",
    "Locator",
    "Match",
    "Preview",
    "PreviewBase",
    "RowFault",
    "Run",
    "Views",
    "ZoneOverlay",
    "border_walk",
    "boundary_sides",
    "boundary_words",
    "changed_grids",
    "claims",
    "coverage",
    "crosswalk",
    "divide",
    "domain",
    "gaps",
    "grid_codes",
    "incidence",
    "outage",
    "overlay_zones",
    "place_words",
    "preview",
    "preview_base",
    "unknowns",
    "views",
    "zone_metrics",
]


def __getattr__(name: str) -> Any:
    """Return a stable name from the module that defines it, and keep it, or a public module beneath."""
    if name in _HOMES:
        value = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
        return value
    if not name.startswith("_"):
        try:
            return import_module(f"{__name__}.{name}")
        except ModuleNotFoundError as error:
            if error.name != f"{__name__}.{name}":
                raise
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """Return the stable names beside what is loaded already."""
    return sorted({*globals(), *__all__})
