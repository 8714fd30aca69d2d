"""What is kept of an analysis has its figures to the bit, and an analysis without zones or shapes is no base."""

from __future__ import annotations

import numpy as np
import pytest

from geo.assessment.figures import zone_metrics
from geo.assessment.incidence import Incidence, incidence
from geo.assessment.preview_base import preview_base
from geo.catalog.results import FIGURES
from geo.errors import BadValue
from geo.visibility.views import views
from tests.geo.assessment.test_preview import KINDS, analysed, frame, one, squares

_FIELDS = {"kind": "fixed", "status": "online", "height": 6.0, "class": 2, "site": None}


@pytest.mark.parametrize("kind", KINDS)
def test_the_figures_are_those_of_the_analysis(kind: str) -> None:
    placed = {f"c{i}": {"x": 40.0 * i - 90, "y": 17.0 * i - 40, "azimuth": 70.0 * i, **_FIELDS} for i in range(6)}
    model = analysed(frame(placed), kind)
    base = preview_base(model)
    for layer in model.layers:
        full = zone_metrics(model, layer)
        assert base.keys[layer].tolist() == full["code"].tolist()
        for name in FIGURES:
            np.testing.assert_array_equal(base.figures[layer][name], full[name].to_numpy(), f"{layer} {name}")


def test_an_analysis_without_zones_or_shapes_is_no_base() -> None:
    with pytest.raises(BadValue, match="zones"):
        preview_base(incidence(views(one())))
    model = incidence(views(one()), squares())
    with pytest.raises(BadValue):
        preview_base(Incidence.from_bytes(model.to_bytes(), {"grids": squares()}))
