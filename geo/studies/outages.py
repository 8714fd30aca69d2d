"""Ask a stored run what is lost when some sites or cameras fail."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geo.catalog.results import ALL, zone_layer_names, zone_layers_among
from geo.errors import BadValue
from geo.figure_text import percent_figure, plain_figure
from geo.sentences import sentence
from geo.studies.stored_runs import require_zone_layer, zone_layers_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    import pandas as pd

    from geo.assessment.camera_sites import Sites
    from geo.storage.protocol import Store
    from geo.types import Run

#: A share that falls by less than this has only been rounded another way.
LEAST_LOSS = 1e-12


@dataclass(frozen=True)
class Outage:
    """What a run would be without some sites or cameras.

    Attributes
    ----------
    run
        The run, with the zone layers of ``frames`` as they are stored.
    frames
        Zone layer -> its figures without them; ``all`` is always among them.
    lost
        ``cameras``, ``online`` and ``unknown`` (rows that fail, and how many of these are online, or of unknown
        status), ``layer``, ``zones`` (how many of its zones see less), ``blind`` (how many no longer surely see
        anything), ``worst`` and ``worst_share`` (the zone that loses the largest share, and that share; null for none),
        ``sure_m2``, ``sure_share`` and ``possible_share`` (what the whole area loses, null where it has none).
    text
        The same as sentences, ``中文 / English``.
    """

    run: Run
    frames: Mapping[str, gpd.GeoDataFrame]
    lost: Mapping[str, Any]
    text: str


def outage(
    store: Store,
    names: Sequence[str],
    run_id: str = "latest",
    *,
    layer: str = "grids",
    visible: Collection[str] | None = None,
) -> Outage:
    """Return a run's zone figures as they would be without some sites or cameras, and what is lost.

    Parameters
    ----------
    store
        With rights on the whole county.
    names
        Names of sites, or ids of cameras: of a site all rows fail, of an id that one.
    run_id
        The run, or ``latest``.
    layer
        The zone layer.
    visible
        Ids of the cameras that the caller may know of; None: all.

    Raises
    ------
    NotFound
        The run does not exist, or a site or camera does not exist for the caller.
    UnknownName
        The run has no such zone layer.
    BadValue
        No site is given, or the run was stored without its incidence model.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geopandas as gpd, shapely
    >>> from geo.storage.geopackage.store import open_store
    >>> folder = tempfile.TemporaryDirectory()
    >>> store = open_store(Path(folder.name) / "workspace.gpkg")
    >>> grid = gpd.GeoDataFrame(
    ...     {"code": ["g1"], "level": [1]}, geometry=[shapely.box(103.1, 37.6, 103.101, 37.601)], crs="EPSG:4326"
    ... )
    >>> camera = gpd.GeoDataFrame(
    ...     {"id": ["c1"], "azimuth": [0.0]}, geometry=[shapely.Point(103.1005, 37.6005)], crs="EPSG:4326"
    ... )
    >>> _ = store.write("grids", grid, "upsert", actor="li"), store.write("cameras", camera, "upsert", actor="li")
    >>> from geo.studies.analysis import AnalyzeOptions, analyze
    >>> run = analyze(store, AnalyzeOptions(domain="all"))
    >>> found = outage(store, ["c1"])
    >>> bool(run.layers["grids"]["sure_share"].iloc[0] > 0), found.frames["grids"]["sure_share"].tolist()
    (True, [0.0])
    >>> found.lost["zones"], found.lost["blind"], found.lost["worst"]
    (1, 1, 'g1')
    >>> store.close()
    >>> folder.cleanup()
    """
    from geo.assessment.figures import zone_metrics  # noqa: PLC0415 (gaps need none of it)
    from geo.assessment.incidence import Incidence  # noqa: PLC0415
    from geo.assessment.removed_cameras import without_rows  # noqa: PLC0415

    if not names:
        raise BadValue("没有写明点位", "no site is named")
    with store.snapshot():  # the latest may become another one meanwhile
        needed = [name for name in zone_layers_of(store, run_id) if name in (layer, ALL)]
        run = store.run(run_id, layers=needed, incidence=True)
    if run.incidence is None:
        raise BadValue("此批次没有保存关联模型，请重新分析", "this run kept no incidence; analyse again")
    require_zone_layer(run, layer)
    zones = {name: run.layers[name] for name in zone_layers_among(run.layers) if name != ALL}
    model = Incidence.from_bytes(run.incidence, zones)
    rows = model.sites.rows_of(names, visible=visible)
    left = without_rows(model, rows)
    frames = {name: zone_metrics(left, name) for name in dict.fromkeys((layer, ALL))}
    lost = {
        "cameras": int(rows.sum()),
        "online": int((rows & model.sites.online).sum()),
        "unknown": int((rows & model.sites.status_unknown).sum()),
        "layer": layer,
        **_losses(run.layers[layer], frames[layer]),
        **_whole_loss(run.layers[ALL], frames[ALL]),
    }
    return Outage(run, frames, lost, _sentences(model.sites, rows, run, frames, lost))


def _losses(before: pd.DataFrame, after: pd.DataFrame) -> dict[str, Any]:
    was, now = _shares_by_zone(before), _shares_by_zone(after)
    lost = {code: share - now[code] for code, share in was.items() if code in now and share - now[code] > LEAST_LOSS}
    worst = max(lost, key=lambda code: lost[code], default=None)
    return {
        "zones": len(lost),
        "blind": sum(now[code] <= LEAST_LOSS for code in lost),
        "worst": worst,
        "worst_share": None if worst is None else lost[worst],
    }


def _shares_by_zone(frame: pd.DataFrame) -> dict[str, float]:
    rows = frame[frame["sure_share"].notna()]
    return dict(zip(rows["code"].astype(str), rows["sure_share"].astype(float), strict=True))


def _whole_loss(before: pd.DataFrame, after: pd.DataFrame) -> dict[str, Any]:
    old, new = before.iloc[0], after.iloc[0]
    lost = {"sure_m2": _fall(old["sure_m2"], new["sure_m2"])}
    lost["sure_share"] = _fall(old["sure_share"], new["sure_share"])
    lost["possible_share"] = _fall(old["possible_share"], new["possible_share"])
    return lost


def _fall(old: Any, new: Any) -> float | None:
    """Return by how much a figure falls; None where it is missing, as areas of points are."""
    if old is None or new is None or old != old or new != new:  # noqa: PLR0124  not a number
        return None
    return max(float(old) - float(new), 0.0)


def _sentences(
    sites: Sites, rows: Any, run: Run, frames: Mapping[str, gpd.GeoDataFrame], lost: Mapping[str, Any]
) -> str:
    places = len(set(sites.site[rows].tolist()))
    also_zh = f"，状态未知 {lost['unknown']} 台" if lost["unknown"] else ""
    also_en = f", {lost['unknown']} of unknown status" if lost["unknown"] else ""
    zh = [f"停用 {places} 个点位上的 {lost['cameras']} 台摄像机（其中在线 {lost['online']} 台{also_zh}）"]
    en = [f"{lost['cameras']} cameras at {places} sites fail ({lost['online']} of them online{also_en})"]
    if not lost["online"] and not lost["unknown"]:
        return sentence(f"{zh[0]}：都不在线，覆盖不变。", f"{en[0]}: none is online, so coverage stays as it is.")
    if not lost["zones"] and not lost["sure_share"]:
        why_zh = "，别的摄像机看得见同样的地方" if lost["online"] else ""
        why_en = ", as others see the same places" if lost["online"] else ""
        maybe_zh, maybe_en = _possible_loss(run, frames, lost)
        return sentence(
            f"{zh[0]}：确定覆盖没有损失{why_zh}{maybe_zh}。", f"{en[0]}: no sure coverage is lost{why_en}{maybe_en}."
        )
    if lost["sure_share"] is not None:
        area_zh = "" if lost["sure_m2"] is None else f"，少 {plain_figure(lost['sure_m2'])} m²"
        area_en = "" if lost["sure_m2"] is None else f", {plain_figure(lost['sure_m2'])} m2 less"
        shares = (float(frame["sure_share"].iloc[0]) for frame in (run.layers[ALL], frames[ALL]))
        was, now = (f"{percent_figure(one, 2)}%" for one in shares)
        zh.append(f"全域确定覆盖由 {was} 降到 {now}{area_zh}")
        en.append(f"the sure share of the whole area falls from {was} to {now}{area_en}")
    if lost["layer"] != ALL and lost["zones"]:
        words = zone_layer_names(lost["layer"])
        zh.append(
            f"{lost['zones']} 个{words[0]}受影响，其中 {lost['blind']} 个不再有确定覆盖；"
            f"损失最大的是 {lost['worst']}（少 {plain_figure(100 * lost['worst_share'], 1)} 个百分点）"
        )
        en.append(
            f"{lost['zones']} {words[1].lower()} see less, {lost['blind']} of them nothing any more; "
            f"{lost['worst']} loses most ({plain_figure(100 * lost['worst_share'], 1)} percentage points)"
        )
    return sentence(f"{'；'.join(zh)}。", f"{'; '.join(en)}.")


def _possible_loss(run: Run, frames: Mapping[str, gpd.GeoDataFrame], lost: Mapping[str, Any]) -> tuple[str, str]:
    """Return what to say of the possible share where rows of unknown status fail (rule U1), else nothing."""
    if not lost["unknown"] or not lost["possible_share"]:
        return "", ""
    shares = (float(frame["possible_share"].iloc[0]) for frame in (run.layers[ALL], frames[ALL]))
    was, now = (f"{percent_figure(one, 2)}%" for one in shares)
    return (
        f"；全域可能覆盖由 {was} 降到 {now}",
        f"; the possible share of the whole area falls from {was} to {now}",
    )
