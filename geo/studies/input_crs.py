"""Tell in which CRS each file of an analysis was read, and whether its inputs seem shifted against each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd

from geo.catalog.layers import INPUTS
from geo.check import datum_shift
from geo.check.metric_frames import prepare_frames
from geo.crs import STORAGE_CRS, crs_name
from geo.errors import UnknownName
from geo.readers.reading import ReadResult
from geo.sentences import sentence

#: Findings of `check` on shifted cameras: what is always a note, and what is one where a CRS was assumed.
_SHIFTED, _UNCLEAR = "camera-shifted", "camera-shift-unknown"


@dataclass(frozen=True)
class InputCrs:
    """In which CRS one file was read.

    Attributes
    ----------
    layer
        The layer that it was read as.
    file
        Name of the file.
    crs
        As ``geo.crs.crs_name`` writes it.
    in_file
        The CRS that the file names, empty for none.
    is_assumed
        Whether the caller's word was taken: the file names none, or another one.

    Examples
    --------
    >>> print(InputCrs("grids", "网格.shp", "EPSG:4490", "", is_assumed=True).text)
    grids（网格.shp）：EPSG:4490，取自 --crs / grids (网格.shp): EPSG:4490, assumed from --crs
    """

    layer: str
    file: str
    crs: str
    in_file: str
    is_assumed: bool

    @property
    def text(self) -> str:
        """One line, ``中文 / English``."""
        zh = "取自 --crs" if self.is_assumed else "由文件写明"
        en = "assumed from --crs" if self.is_assumed else "read from the file"
        if self.is_assumed and self.in_file:
            zh, en = f"{zh}，文件写明的是 {self.in_file}", f"{en}, though the file says {self.in_file}"
        return sentence(
            f"{self.layer}（{self.file}）：{self.crs}，{zh}", f"{self.layer} ({self.file}): {self.crs}, {en}"
        )

    def as_dict(self) -> dict[str, str | None]:
        """Return what ``summary.json`` holds of it."""
        source = "option" if self.is_assumed else "file"
        return {"file": self.file, "crs": self.crs, "from": source, "in_file": self.in_file or None}


def input_crs(layer: str, file: str, reading: ReadResult, named: str | None) -> InputCrs:
    """Return in which CRS a file was read; ``named`` is the one given for this input alone."""
    in_file = reading.crs_in_file
    is_assumed = not in_file or (named is not None and crs_name(named) != in_file)
    return InputCrs(layer, file, reading.crs, in_file, is_assumed=is_assumed)


def crs_lines(inputs_crs: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the lines of what a summary holds of its inputs."""
    return [
        InputCrs(layer, one["file"], one["crs"], one["in_file"] or "", is_assumed=one["from"] == "option").text
        for layer, one in inputs_crs.items()
    ]


def named_inputs(crs_of: Mapping[str, str] | None, files: Mapping[str, Path]) -> Mapping[str, str]:
    """Return the CRS named for single inputs; raise UnknownName where one is no layer, or has no file.

    Examples
    --------
    >>> named_inputs({"roads": "gcj02"}, {"cameras": Path("c.csv")})
    Traceback (most recent call last):
    geo.errors.UnknownName: --crs 指的 roads 没有给文件，有：cameras / --crs names roads, of which there is no file; \
there are: cameras
    """
    for name in crs_of or ():
        if name not in INPUTS:
            raise UnknownName(
                f"--crs 指的 {name[:40]} 不是图层，可用：{'、'.join(INPUTS)}",
                f"--crs names {name[:40]}, which is no layer; there are: {', '.join(INPUTS)}",
            )
        if name not in files:
            raise UnknownName(
                f"--crs 指的 {name} 没有给文件，有：{'、'.join(files)}",
                f"--crs names {name}, of which there is no file; there are: {', '.join(files)}",
            )
    return crs_of or {}


def shift_notes(frames: Mapping[str, gpd.GeoDataFrame], read_as: Sequence[InputCrs] = ()) -> list[str]:
    """Return what `check` finds of a shift of all cameras, or of those of a source, as ``中文 / English``.

    Such a run is saved all the same, but its figures are of places some hundred metres off. Where files were read in a
    CRS that they do not name, the inputs are named, and so is that nothing shows whether they fit.

    Examples
    --------
    >>> import shapely
    >>> camera = gpd.GeoDataFrame({"id": ["c1"]}, geometry=[shapely.Point(103.1, 37.6)], crs="EPSG:4326")
    >>> shift_notes({"cameras": camera})
    []
    """
    names = [name for name in ("cameras", "roads", "obstacles") if name in frames]
    data = prepare_frames({name: frames[name].to_crs(STORAGE_CRS) for name in names})
    found = list(datum_shift.find(data))
    shifted = [one.text for one in found if one.code == _SHIFTED]
    assumed = [one for one in read_as if one.is_assumed]
    if assumed and len(read_as) > 1:
        unclear = [one.text for one in found if one.code == _UNCLEAR]
        listed_zh = "、".join(f"{one.layer}（{one.file}，{one.crs}）" for one in assumed)
        listed_en = ", ".join(f"{one.layer} ({one.file}, {one.crs})" for one in assumed)
        if shifted or unclear:
            told = sentence(
                f"坐标系取自 --crs 的输入：{listed_zh}；各文件可分别写明，如 --crs {assumed[-1].layer}=cgcs2000",
                f"inputs whose CRS is assumed from --crs: {listed_en};"
                f" each can be given its own, as --crs {assumed[-1].layer}=cgcs2000",
            )
            shifted = [*(shifted or unclear), told]
    return shifted
