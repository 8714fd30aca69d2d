"""See the engine's stable names: frames in, frozen results out. What is imported here is kept; all beneath may move.

`domain`, `coverage` and `gaps` are functions here and modules beneath: inside the project write `from geo.gaps import
gaps`, never `from geo import gaps`.
"""

from __future__ import annotations

from geo.addresses import AddressBook
from geo.cameras import DEFAULT_EDITION, DEFAULT_LEVEL, EDITIONS
from geo.coverage import Incidence, coverage, incidence, outage, zone_metrics
from geo.domain import Domain, domain
from geo.errors import GeoError, RowFault
from geo.gaps import gaps
from geo.layers import LAYERS
from geo.locate import Locator
from geo.types import Candidate, Finding, ImportReport, Match, Run
from geo.visibility import Views, views

__all__ = [
    "DEFAULT_EDITION",
    "DEFAULT_LEVEL",
    "EDITIONS",
    "LAYERS",
    "AddressBook",
    "Candidate",
    "Domain",
    "Finding",
    "GeoError",
    "ImportReport",
    "Incidence",
    "Locator",
    "Match",
    "RowFault",
    "Run",
    "Views",
    "coverage",
    "domain",
    "gaps",
    "incidence",
    "outage",
    "views",
    "zone_metrics",
]
