"""Overlay the layers of one day as an analysis does: views, domain, incidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import geopandas as gpd

from geo.assessment.area_of_interest import Domain
from geo.assessment.area_of_interest import domain as domain_of
from geo.assessment.incidence import Incidence, incidence
from geo.catalog.layers import ZONE_INPUTS
from geo.studies.analyze_options import AnalyzeOptions
from geo.types import Progress, no_progress
from geo.visibility.views import Views, views


def overlay_of_layers(
    frames: Mapping[str, gpd.GeoDataFrame],
    options: AnalyzeOptions,
    *,
    levels: Sequence[str],
    progress: Progress = no_progress,
) -> tuple[dict[str, Views], Domain, Incidence]:
    """Return the views of levels, the domain, and the overlay at the level of the options.

    Parameters
    ----------
    frames
        Layer -> its rows, all in one CRS; layers without rows are not among them.
    options
        Checked ones: edition, level, height of targets and kind of domain are taken from them.
    levels
        The levels, that of the options among them.

    Examples
    --------
    >>> import shapely
    >>> camera = gpd.GeoDataFrame({"azimuth": [0.0]}, geometry=[shapely.Point(500_000, 4_000_000)], crs=4547)
    >>> options = AnalyzeOptions(domain="all").checked()
    >>> found, domain, model = overlay_of_layers({"cameras": camera}, options, levels=["detect", "observe"])
    >>> list(found), domain.kind, model.level
    (['detect', 'observe'], 'all', 'detect')
    """
    progress("计算可视范围 / computing views", 0.2)
    obstacles = frames.get("obstacles")
    found = views(
        frames["cameras"],
        obstacles,
        level=levels,
        edition=str(options.edition),
        target_height=options.target_height,
    )
    own = found[str(options.level)]
    zones = {name: frames[name] for name in ZONE_INPUTS if name in frames}
    progress("准备评价范围 / preparing the domain", 0.35)
    domain = domain_of(
        options.domain,
        zones=zones or None,
        roads=frames.get("roads"),
        demand=frames.get("demand"),
        obstacles=own.obstacles,
        views=own,
    )
    # Every figure is a sum over the incidence model.
    progress("叠加 / overlaying", 0.4)
    return found, domain, incidence(own, zones or None, domain)
