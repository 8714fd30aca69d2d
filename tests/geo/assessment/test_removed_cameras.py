"""Figures without some cameras: whole sites, single lenses of a pole, and runs that keep sites alone (rule B4)."""

from __future__ import annotations

import io

import numpy as np
import pytest
from pandas.testing import assert_frame_equal

from geo.assessment.figures import outage, zone_metrics
from geo.assessment.incidence import Incidence, incidence
from geo.assessment.removed_cameras import without_rows
from geo.errors import BadValue
from tests.geo.ascii_drawing import zone_frame
from tests.geo.assessment.four_squares import SQUARES, five


@pytest.fixture(scope="module")
def model() -> Incidence:
    return incidence(five(), zone_frame(SQUARES))


def test_outage_of_one_camera_leaves_the_rest_of_its_pole(model: Incidence) -> None:
    """Without b the pole has b2: x 5-10 of A, class 3, and nothing of B."""
    whole, frame = zone_metrics(model).set_index("code"), outage(model, ["b"]).set_index("code")
    assert frame.loc["A", ["k2_share", "c2_share", "c3_share", "cameras"]].tolist() == pytest.approx([0.75, 0, 0.75, 2])
    assert frame.loc["B", ["sure_m2", "k2_share", "c2_share", "seeing"]].tolist() == pytest.approx([50, 0, 0, 1])
    assert frame.loc["C"].drop("geometry").tolist() == whole.loc["C"].drop("geometry").tolist()
    # without b2 only its class is missed
    frame = outage(model, ["b2"]).set_index("code")
    assert frame.loc["A", "c3_share"] == pytest.approx(0.25)
    assert frame.drop(columns="c3_share").equals(whole.drop(columns="c3_share"))


def test_a_run_of_before_cameras_were_kept_apart_answers_for_whole_sites() -> None:
    model = incidence(five(), zone_frame(SQUARES))
    with np.load(io.BytesIO(model.to_bytes())) as archive:
        later = ("camera_element", "camera", "maybe_element", "maybe_camera", "sites.offline", "sites.status_unknown")
        kept = {name: archive[name] for name in archive.files if name not in later}
    assert set(later).isdisjoint(kept)
    stored = io.BytesIO()
    np.savez_compressed(stored, **kept)
    again = Incidence.from_bytes(stored.getvalue(), {"grids": zone_metrics(model)})
    for site in ("pole", "a", "c", "d", "e"):
        assert_frame_equal(outage(again, [site]), outage(model, [site]))
    with pytest.raises(BadValue, match="name the site"):
        outage(again, ["b"])


def test_nothing_removed_is_the_same_incidence(model: Incidence) -> None:
    same = without_rows(model, np.zeros(len(model.sites.ids), bool))
    assert_frame_equal(zone_metrics(same), zone_metrics(model))
