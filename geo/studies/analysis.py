"""Analyse a store or files: read layers, compute views, overlay, figures and gaps; return one run."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import uuid6

from geo.assessment.area_of_interest import Domain
from geo.assessment.claims import claims as judge_claims
from geo.assessment.claims import definitions
from geo.assessment.figures import coverage, level_totals, zone_metrics
from geo.assessment.gaps import gaps
from geo.assessment.incidence import Incidence
from geo.catalog.editions import EDITIONS
from geo.catalog.layers import INPUTS
from geo.catalog.results import ALL, FIGURES, zone_layers_among
from geo.crs import crs_name
from geo.errors import BadValue, NotFound, RowFault, UnknownName
from geo.readers.reading import read_layer
from geo.storage.protocol import Store
from geo.studies.analyze_options import AnalyzeOptions, day
from geo.studies.input_crs import InputCrs, input_crs, named_inputs, shift_notes
from geo.studies.layer_overlay import overlay_of_layers
from geo.studies.place_claims import CLAIMS, PLACES, stored_places
from geo.studies.run_age import REVISIONS, revisions
from geo.studies.usable_rows import still_there, usable_rows
from geo.types import Progress, Run, no_progress, part_of_progress
from geo.visibility.optics import STATUSES
from geo.visibility.views import Views

#: Progress text while a run is saved.
SAVING_STEP = "保存批次 / saving the run"
# Numbers that differ from camera to camera would give one sentence each.
_NUMBER_PATTERN = re.compile(r"(?<=vfov=)[\d.]+|\d+(?:\.\d+)?(?= m\b)")
#: Totals in the attributes of the frame of `gaps` (rule G1).
_SMALL_GAP_TOTALS = ("small_m2", "small_weight", "small_count")


def analyze(store: Store, options: AnalyzeOptions, *, actor: str = "local", progress: Progress = no_progress) -> Run:
    """Analyse the layers of a store on a day, and save the run.

    Parameters
    ----------
    store
        Where to read and save.
    options
        What to compute.
    actor
        Name of the requester, stored with the run.

    Returns
    -------
    Run
        Layers in WGS-84 degrees, as in the store.

    Raises
    ------
    NotFound
        There are no cameras on that day.
    UnknownName, BadValue, TooWide, StoreBusy
        An option or a layer cannot be used; nothing was saved.

    Examples
    --------
    >>> import tempfile
    >>> import geopandas as gpd, shapely
    >>> from geo.storage.geopackage.store import open_store
    >>> folder = tempfile.TemporaryDirectory()
    >>> grid = gpd.GeoDataFrame(
    ...     {"code": ["990121100200001"], "level": [1]},
    ...     geometry=[shapely.box(103.1, 37.6, 103.101, 37.601)],
    ...     crs="EPSG:4326",
    ... )
    >>> camera = gpd.GeoDataFrame(
    ...     {"id": ["c1"], "azimuth": [0.0]}, geometry=[shapely.Point(103.1005, 37.6005)], crs="EPSG:4326"
    ... )
    >>> with open_store(Path(folder.name) / "workspace.gpkg") as store:
    ...     _ = store.write("grids", grid, "upsert", actor="li"), store.write("cameras", camera, "upsert", actor="li")
    ...     run = analyze(store, AnalyzeOptions(domain="all"))
    ...     [saved.id == run.id for saved in store.runs()]
    [True]
    >>> run.layers["grids"][["code", "cameras"]].values.tolist()
    [['990121100200001', 1]]
    >>> 0.0 < run.summary["totals"]["sure_share"] < 1.0
    True
    >>> folder.cleanup()
    """
    run = compute_run(store, options, actor=actor, progress=progress)
    progress(SAVING_STEP, 0.95)
    store.save_run(run)
    progress("分析完成 / analysed", 1.0)
    return run


def compute_run(
    store: Store, options: AnalyzeOptions, *, actor: str = "local", progress: Progress = no_progress
) -> Run:
    """Do what ``analyze`` does without saving, so that a caller can save the run with related records.

    All layers are read in one snapshot, so that a concurrent edit is in all layers or none; no transaction is open
    while computing.

    Examples
    --------
    >>> import tempfile
    >>> from geo.storage.geopackage.store import open_store
    >>> folder = tempfile.TemporaryDirectory()
    >>> with open_store(Path(folder.name) / "workspace.gpkg") as store:
    ...     compute_run(store, AnalyzeOptions())
    Traceback (most recent call last):
    geo.errors.NotFound: 库中没有摄像机，请先导入 / the store has no cameras on that day; import some first
    >>> folder.cleanup()
    """
    options = options.checked()
    start = time.perf_counter()
    progress("读取图层 / reading layers", 0.0)
    with store.snapshot():
        data_date = day(options.at) or store.today()
        frames = {name: store.read(name, at=data_date) for name in INPUTS}
        judged = {name: store.read(name, at=data_date) for name in (PLACES, CLAIMS)}
        read = revisions(store)
    frames = {name: frame for name, frame in frames.items() if len(frame)}
    if "cameras" not in frames:
        raise NotFound("库中没有摄像机，请先导入", "the store has no cameras on that day; import some first")
    run = _run(frames, options, rejected=0, progress=progress, actor=actor, start=start, judged=judged)
    return replace(run, summary={**run.summary, "data_date": data_date.isoformat(), REVISIONS: read})


def analyze_files(
    files: Mapping[str, Path],
    options: AnalyzeOptions,
    *,
    crs: str | None = None,
    crs_of: Mapping[str, str] | None = None,
    progress: Progress = no_progress,
) -> tuple[Run, dict[str, gpd.GeoDataFrame], list[RowFault]]:
    r"""Analyse files without a store.

    Parameters
    ----------
    files
        Layer name -> file; `cameras` is needed, the others may be absent.
    options
        What to compute; `at` is ignored for files.
    crs
        The CRS of files that name none.
    crs_of
        Layer name -> CRS of its file, whatever the file names.

    Returns
    -------
    tuple
        The run (layers in the CRS of the cameras file), the frames as read in that CRS, and the rejected rows.

    Raises
    ------
    UnknownName, UnreadableFile, UnknownCrs, BadValue, TooWide
        A file or an option cannot be used.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = Path(folder.name) / "cameras.csv"
    >>> _ = path.write_text("id,lon,lat,azimuth,height\nc1,103.1,37.6,0,6\nc2,103.1,99,0,6\n")
    >>> run, frames, rejects = analyze_files({"cameras": path}, AnalyzeOptions(domain="all"), crs="wgs84")
    >>> run.summary["inputs"], run.summary["rejected"], [fault.row for fault in rejects]
    ({'cameras': 1}, 1, ['2'])
    >>> run.layers["views"]["id"].tolist()
    ['c1']
    >>> folder.cleanup()
    """
    options = options.checked()
    start = time.perf_counter()
    unknown = [name for name in files if name not in INPUTS]
    if unknown or "cameras" not in files:
        raise UnknownName("需要摄像机文件，其他图层可选", f"a cameras file is needed; layers are {', '.join(INPUTS)}")
    frames: dict[str, gpd.GeoDataFrame] = {}
    rejects: list[RowFault] = []
    rejected = 0
    doubts: list[str] = []
    crs_of = named_inputs(crs_of, files)
    read_as: list[InputCrs] = []
    findings: list[dict[str, object]] = []
    order = ["cameras", *(name for name in INPUTS if name in files and name != "cameras")]
    for done, name in enumerate(order):
        step = part_of_progress(progress, 0.2 * done / len(order), 0.2 * (done + 1) / len(order))
        reading = read_layer(files[name], name, crs=crs_of.get(name), default_crs=crs, progress=step)
        rejects += reading.rejects
        doubts += reading.doubts
        read_as.append(input_crs(name, files[name].name, reading, crs_of.get(name)))
        findings += [{"layer": name, **one.as_dict()} for one in reading.findings]
        rejected += reading.read - len(np.unique(np.asarray(reading.features)))
        frame = reading.native
        frames[name] = frame if name == "cameras" else frame.to_crs(frames["cameras"].crs)
    if not len(frames["cameras"]):
        raise BadValue("摄像机文件里没有一行可用", "the cameras file has no usable row", rows=rejects[:10])
    used = {name: frame for name, frame in frames.items() if len(frame)}
    notes = list(dict.fromkeys(doubts))
    run = _run(
        used,
        options,
        rejected=rejected,
        progress=progress,
        actor="local",
        start=start,
        notes=notes,
        read_as=read_as,
        findings=findings,
    )
    progress("分析完成 / analysed", 1.0)
    return run, frames, rejects


def _run(
    frames: Mapping[str, gpd.GeoDataFrame],
    options: AnalyzeOptions,
    *,
    rejected: int,
    progress: Progress,
    actor: str,
    start: float,
    notes: Sequence[str] = (),
    read_as: Sequence[InputCrs] = (),
    findings: Sequence[Mapping[str, object]] = (),
    judged: Mapping[str, gpd.GeoDataFrame] | None = None,
) -> Run:
    """Compute views, domain, overlay, figures and gaps of frames in one CRS; return the run.

    ``judged`` are the places and the claims, of which rows far from all others have nothing to assess.
    ``start`` is when the frames began to be read: a server finds by it where the cameras stood that the run is of.
    """
    given = frames["cameras"]
    usable = usable_rows(frames)
    frames = usable.frames
    if "cameras" not in frames:
        raise NotFound("摄像机都已拆除，没有可分析的", "all cameras are removed: there is nothing to analyse")
    edition, level = str(options.edition), str(options.level)
    # Views of all levels in one sweep; the run is about one of them.
    views_by_level, domain, incidence_model = overlay_of_layers(
        frames, options, levels=list(EDITIONS[edition]), progress=progress
    )
    views_of_run = views_by_level[level]
    layers = _layers(views_of_run, incidence_model, options, progress)
    progress("其他级别 / other levels", 0.8)
    totals = _totals_by_level(views_by_level, incidence_model, layers, level)
    claimed, claim_notes = _judged(judged or {}, incidence_model, views_by_level, layers, progress)
    now = datetime.now(tz=UTC)
    shifted = shift_notes(frames, read_as)
    summary = {
        **_summary(frames, views_of_run, domain, incidence_model, layers, totals, options),
        "cameras": _statuses(views_of_run, removed=len(given) - len(still_there(given))),
        **claimed,
        "notes": [*usable.notes, *notes, *shifted, *incidence_model.notes, *claim_notes],
        "scoped_notes": [*shifted, *incidence_model.scoped_notes],
        "left_out": {name: list(texts) for name, texts in usable.left_out.items()},
        **({"inputs_crs": {one.layer: one.as_dict() for one in read_as}} if read_as else {}),
        "rejected": rejected,
        "findings": list(findings),
        "actor": actor,
        "seconds": round(time.perf_counter() - start, 3),
    }
    return Run(
        id=str(uuid6.uuid7()),
        created=now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        options=options.as_dict(),
        summary=summary,
        layers=layers,
        incidence=incidence_model.to_bytes(),
    )


def _judged(
    judged: Mapping[str, gpd.GeoDataFrame],
    model: Incidence,
    views_by_level: Mapping[str, Views],
    layers: dict[str, gpd.GeoDataFrame],
    progress: Progress,
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Add the verdicts on places to the layers; return what the summary tells of claims, and notes; nothing for none.

    Claims without a place are told too: they fail (rule P4).
    """
    places, asked = judged.get(PLACES), judged.get(CLAIMS)
    if places is None or not (len(places) or (asked is not None and len(asked))):
        return {}, ()
    progress("重点部位 / places and claims", 0.85)
    found = judge_claims(model, places, asked, views=views_by_level)
    if len(found.places):
        layers[PLACES] = stored_places(found)
    return {CLAIMS: definitions(asked, model.level, {*views_by_level, model.level})}, found.notes


def _totals_by_level(
    views_by_level: Mapping[str, Views], model: Incidence, layers: Mapping[str, gpd.GeoDataFrame], level: str
) -> dict[str, dict[str, Any]]:
    """Return the totals of every level of the edition, in rising order."""
    return {
        name: _totals(layers["all"])
        if name == level
        else {figure: _plain_number(value) for figure, value in level_totals(model, views_of_level).items()}
        for name, views_of_level in views_by_level.items()
    }


def _statuses(views: Views, *, removed: int) -> dict[str, int]:
    """Return how many rows have each status; those removed, which have no view, only where there are any."""
    status = views.cameras["status"]
    found = {one: int((status == one).sum()) for one in STATUSES if one != "removed"}
    return found | ({"removed": removed} if removed else {})


def _summary(
    frames: Mapping[str, gpd.GeoDataFrame],
    views_of_run: Views,
    domain: Domain,
    model: Incidence,
    layers: Mapping[str, gpd.GeoDataFrame],
    totals: Mapping[str, dict[str, Any]],
    options: AnalyzeOptions,
) -> dict[str, Any]:
    """Return what was analysed and found, as plain values."""
    level = str(options.level)
    return {
        "inputs": {name: len(frame) for name, frame in frames.items()},
        "crs": crs_name(views_of_run.crs),
        "computing_crs": crs_name(views_of_run.computing_crs),
        "level": level,
        "levels": dict(totals),
        "edition": str(options.edition),
        "target_height": options.target_height,
        "domain": domain.kind,
        "assumptions": _assumptions(views_of_run.assumed),
        "small_gaps": {
            name.removeprefix("small_"): _plain_number(layers["gaps"].attrs[name]) for name in _SMALL_GAP_TOTALS
        },
        "left_out_weight": _plain_number(model.left_out_weight),
        "totals": totals[level],
        "zones": {name: len(layers[name]) for name in zone_layers_among(layers) if name != ALL},
        "layers": {name: len(frame) for name, frame in layers.items()},
    }


def _layers(
    views_of_run: Views, incidence_model: Incidence, options: AnalyzeOptions, progress: Progress
) -> dict[str, gpd.GeoDataFrame]:
    layers = {
        "views": _view_layer(views_of_run, views_of_run.sure, views_of_run.sure_metric),
        "possible": _view_layer(views_of_run, views_of_run.possible, views_of_run.possible_metric),
    }
    layers["coverage"] = coverage(incidence_model)
    available = [name for name in zone_layers_among(incidence_model.layers) if name != ALL]
    for name in available:
        if not options.zones or name in options.zones:
            progress(f"区域指标 {name} / figures of {name}", 0.55)
            layers[name] = zone_metrics(incidence_model, name)
    layers["all"] = zone_metrics(incidence_model, "all")
    progress("盲区及成因 / gaps and their causes", 0.65)
    layers["gaps"] = gaps(incidence_model)
    return layers


def _view_layer(views_of_run: Views, shapes: gpd.GeoSeries, metric: np.ndarray) -> gpd.GeoDataFrame:
    cameras = views_of_run.cameras
    columns = {
        "id": cameras.index.astype(str).to_numpy(object),
        "site": cameras["site"].astype(str).to_numpy(object),
        "status": cameras["status"].to_numpy(object),
        "area_m2": shapely.area(metric),
        "range_m": views_of_run.range_m.to_numpy(float),
        "assumed": ["; ".join(sentences) for sentences in views_of_run.assumed],
    }
    return gpd.GeoDataFrame(pd.DataFrame(columns), geometry=np.asarray(shapes), crs=shapes.crs)


def _assumptions(assumed: pd.Series) -> dict[str, int]:
    """Count the cameras of each assumption, most first; numbers that vary by camera are left out."""
    counts = Counter(_NUMBER_PATTERN.sub("…", sentence) for sentences in assumed for sentence in sentences)
    return dict(counts.most_common())


def _totals(frame: gpd.GeoDataFrame) -> dict[str, Any]:
    """Return the figures of the zone `all` as plain numbers, None where missing."""
    row = frame.iloc[0]
    return {name: _plain_number(row[name]) for name in frame.columns if name in FIGURES}


def _plain_number(value: Any) -> Any:
    if pd.isna(value):
        return None
    return int(value) if isinstance(value, (int, np.integer)) else float(value)
