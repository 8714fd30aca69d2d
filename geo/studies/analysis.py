"""Analyse a store or files: read the layers, see, overlay, measure, gather one run."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import uuid6

from geo.assessment.area_of_interest import domain as domain_of
from geo.assessment.figures import coverage, level_totals, zone_metrics
from geo.assessment.gaps import gaps
from geo.assessment.incidence import Incidence, incidence
from geo.catalog.editions import EDITIONS
from geo.catalog.layers import INPUTS, ZONE_INPUTS
from geo.catalog.results import FIGURES, ZONE_LAYERS
from geo.crs import crs_name
from geo.errors import BadValue, NotFound, RowFault, UnknownName
from geo.readers.reading import read_layer
from geo.storage.protocol import Store
from geo.studies.analyze_options import AnalyzeOptions, day
from geo.types import Progress, Run, silent
from geo.visibility.views import Views, views

#: What is told while a run is being saved.
SAVING = "保存批次 / saving the run"
# Figures that differ from camera to camera would make one sentence each.
_FIGURE = re.compile(r"(?<=vfov=)[\d.]+|\d+(?:\.\d+)?(?= m\b)")
#: What `gaps` adds up in the attributes of its frame (rule G1).
_SMALL = ("small_m2", "small_weight", "small_count")


def analyze(store: Store, options: AnalyzeOptions, *, actor: str = "local", progress: Progress = silent) -> Run:
    """Analyse the layers of a store on a day, and save the run.

    Parameters
    ----------
    store
        Where to read and save.
    options
        What to compute.
    actor
        Who asks; kept with the run.

    Returns
    -------
    Run
        Layers in WGS-84 degrees, as the store keeps them.

    Raises
    ------
    NotFound
        There are no cameras on that day.
    UnknownName, BadValue, TooWide, StoreBusy
        An option or a layer cannot be used; nothing was saved.
    """
    run = compute_run(store, options, actor=actor, progress=progress)
    progress(SAVING, 0.95)
    store.save_run(run)
    progress("分析完成 / analysed", 1.0)
    return run


def compute_run(store: Store, options: AnalyzeOptions, *, actor: str = "local", progress: Progress = silent) -> Run:
    """Do all that ``analyze`` does but save: a caller may save the run together with what else belongs to it.

    All layers are read in one snapshot, so that an edit under way is in all of them or in none; nothing is held
    while computing.
    """
    options = options.checked()
    progress("读取图层 / reading layers", 0.0)
    with store.snapshot():
        frames = {name: store.read(name, at=day(options.at)) for name in INPUTS}
    frames = {name: frame for name, frame in frames.items() if len(frame)}
    if "cameras" not in frames:
        raise NotFound("库中没有摄像机，请先导入", "the store has no cameras on that day; import some first")
    return _run(frames, options, rejected=0, progress=progress, actor=actor)


def analyze_files(
    files: Mapping[str, Path],
    options: AnalyzeOptions,
    *,
    crs: str | None = None,
    progress: Progress = silent,
) -> tuple[Run, dict[str, gpd.GeoDataFrame], list[RowFault]]:
    """Analyse files without a store.

    Parameters
    ----------
    files
        Layer name -> file; `cameras` is needed, the others may be absent.
    options
        What to compute; `at` means nothing for files.
    crs
        The CRS of files that name none.

    Returns
    -------
    tuple
        The run (layers in the CRS of the cameras file), the frames as read in that CRS, and the rejected rows.

    Raises
    ------
    UnknownName, UnreadableFile, UnknownCrs, BadValue, TooWide
        A file or an option cannot be used.
    """
    options = options.checked()
    unknown = [name for name in files if name not in INPUTS]
    if unknown or "cameras" not in files:
        raise UnknownName("需要摄像机文件，其他图层可选", f"a cameras file is needed; layers are {', '.join(INPUTS)}")
    frames: dict[str, gpd.GeoDataFrame] = {}
    rejects: list[RowFault] = []
    rejected = 0
    order = ["cameras", *(name for name in INPUTS if name in files and name != "cameras")]
    for done, name in enumerate(order):
        progress(f"读取 {files[name].name} / reading {files[name].name}", 0.2 * done / len(order))
        reading = read_layer(files[name], name, default_crs=crs)
        rejects += reading.rejects
        rejected += reading.read - len(np.unique(np.asarray(reading.features)))
        frame = reading.native
        frames[name] = frame if name == "cameras" else frame.to_crs(frames["cameras"].crs)
    if not len(frames["cameras"]):
        raise BadValue("摄像机文件里没有一行可用", "the cameras file has no usable row", rows=rejects[:10])
    used = {name: frame for name, frame in frames.items() if len(frame)}
    run = _run(used, options, rejected=rejected, progress=progress, actor="local")
    progress("分析完成 / analysed", 1.0)
    return run, frames, rejects


def _run(
    frames: Mapping[str, gpd.GeoDataFrame], options: AnalyzeOptions, *, rejected: int, progress: Progress, actor: str
) -> Run:
    start = time.perf_counter()
    edition, level = str(options.edition), str(options.level)
    progress("计算可视范围 / computing views", 0.2)
    levels = list(EDITIONS[edition])
    seen: Any = views(
        frames["cameras"], frames.get("obstacles"), level=levels, edition=edition, target_height=options.target_height
    )
    main: Views = seen[level]
    zones = {name: frames[name] for name in ZONE_INPUTS if name in frames}
    progress("准备评价范围 / preparing the domain", 0.35)
    domain = domain_of(
        options.domain,
        zones=zones or None,
        roads=frames.get("roads"),
        demand=frames.get("demand"),
        obstacles=main.obstacles,
        views=main,
    )
    progress("叠加 / overlaying", 0.4)
    model = incidence(main, zones or None, domain)
    layers = _layers(main, model, options, progress)
    progress("其他级别 / other levels", 0.8)
    totals = {level: _totals(layers["all"])}
    for other in levels:
        if other != level:
            totals[other] = {name: _plain(value) for name, value in level_totals(model, seen[other]).items()}
    now = datetime.now(tz=UTC)
    summary = {
        "inputs": {name: len(frame) for name, frame in frames.items()},
        "crs": crs_name(main.crs),
        "computing_crs": crs_name(main.computing_crs),
        "level": level,
        "levels": {name: totals[name] for name in levels},
        "edition": edition,
        "target_height": options.target_height,
        "domain": domain.kind,
        "assumptions": _assumptions(main.assumed),
        "notes": list(model.notes),
        "small_gaps": {name.removeprefix("small_"): _plain(layers["gaps"].attrs[name]) for name in _SMALL},
        "left_out_weight": _plain(model.left_out_weight),
        "totals": totals[level],
        "zones": {name: len(layers[name]) for name in ZONE_LAYERS if name in layers},
        "layers": {name: len(frame) for name, frame in layers.items()},
        "rejected": rejected,
        "actor": actor,
        "seconds": round(time.perf_counter() - start, 3),
    }
    return Run(
        id=str(uuid6.uuid7()),
        created=now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        options=options.as_dict(),
        summary=summary,
        layers=layers,
        incidence=model.to_bytes(),
    )


def _layers(main: Views, model: Incidence, options: AnalyzeOptions, progress: Progress) -> dict[str, gpd.GeoDataFrame]:
    layers = {
        "views": _view_layer(main, main.sure, main.sure_m),
        "possible": _view_layer(main, main.possible, main.possible_m),
    }
    layers["coverage"] = coverage(model)
    there = [name for name in ZONE_LAYERS if name in model.layers]
    for name in there:
        if not options.zones or name in options.zones:
            progress(f"区域指标 {name} / figures of {name}", 0.55)
            layers[name] = zone_metrics(model, name)
    layers["all"] = zone_metrics(model, "all")
    progress("盲区及成因 / gaps and their causes", 0.65)
    layers["gaps"] = gaps(model)
    return layers


def _view_layer(seen: Views, shapes: gpd.GeoSeries, metric: np.ndarray) -> gpd.GeoDataFrame:
    cameras = seen.cameras
    columns = {
        "id": cameras.index.astype(str).to_numpy(object),
        "site": cameras["site"].astype(str).to_numpy(object),
        "status": cameras["status"].to_numpy(object),
        "area_m2": shapely.area(metric),
        "range_m": seen.range_m.to_numpy(float),
        "assumed": ["; ".join(sentences) for sentences in seen.assumed],
    }
    return gpd.GeoDataFrame(pd.DataFrame(columns), geometry=np.asarray(shapes), crs=shapes.crs)


def _assumptions(assumed: pd.Series) -> dict[str, int]:
    """Count the cameras each sentence holds for, most first; figures that vary by camera are left out."""
    counts = Counter(_FIGURE.sub("…", sentence) for sentences in assumed for sentence in sentences)
    return dict(counts.most_common())


def _totals(frame: gpd.GeoDataFrame) -> dict[str, Any]:
    """Return the figures of the zone `all` as plain numbers, None where there is none."""
    row = frame.iloc[0]
    return {name: _plain(row[name]) for name in frame.columns if name in FIGURES}


def _plain(value: Any) -> Any:
    if pd.isna(value):
        return None
    return int(value) if isinstance(value, (int, np.integer)) else float(value)
