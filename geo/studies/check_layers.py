"""Check the layers of a store and rank what is found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from geo.catalog.layers import LAYERS
from geo.catalog.layers import layer as layer_of
from geo.check.checks import check as check_frames
from geo.storage.protocol import Store
from geo.types import Finding, Progress, silent


def check(store: Store, layers: Sequence[str] = (), *, progress: Progress = silent) -> list[Finding]:
    """Return what is wrong or doubtful in the layers, worst first.

    Parameters
    ----------
    store
        Where to read.
    layers
        Layers to report on; empty is all. The others are read all the same: a camera in a wall needs both.

    Raises
    ------
    UnknownName
        There is no such layer.
    """
    for name in layers:
        layer_of(name)
    frames = {}
    for done, name in enumerate(LAYERS):
        progress(f"读取图层 {name} / reading layer {name}", done / len(LAYERS) / 2)
        frames[name] = store.read(name)
    progress("检查 / checking", 0.5)
    found = check_frames({name: frame for name, frame in frames.items() if len(frame)})
    progress("检查完成 / checked", 1.0)
    mine = [one for one in found if not layers or one.layer in layers]
    return [replace(one, rank=rank) for rank, one in enumerate(mine, 1)]
