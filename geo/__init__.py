"""See the engine's stable names: frames in, frozen results out. What is imported here is kept; all beneath may move.

`domain`, `views`, `coverage` and `gaps` are functions here; no package beneath bears their names.
"""

from __future__ import annotations

from geo.assessment.area_of_interest import Domain, domain
from geo.assessment.figures import coverage, outage, zone_metrics
from geo.assessment.gaps import gaps
from geo.assessment.incidence import Incidence, incidence
from geo.catalog.editions import DEFAULT_EDITION, DEFAULT_LEVEL, EDITIONS
from geo.catalog.layers import LAYERS
from geo.errors import GeoError, RowFault
from geo.places.address.book import AddressBook
from geo.places.locator import Locator
from geo.types import Candidate, Finding, ImportReport, Match, Run
from geo.visibility.views import Views, views

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
