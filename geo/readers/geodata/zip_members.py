"""Extract the one thing to read out of a zip archive: a file of any format that is read, or a File GDB folder."""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from geo import bounds
from geo.errors import UnknownName
from geo.readers.source import FileLimits, unreadable

_PARTS = {
    ".shp": (".shp", ".shx", ".dbf", ".prj", ".cpg"),
    ".tab": (".tab", ".dat", ".map", ".id", ".ind"),
    ".mif": (".mif", ".mid"),
}
#: Themes of Geofabrik, by the layer that they are read as.
_THEMES = {"roads": "gis_osm_roads", "obstacles": "gis_osm_buildings", "cameras": "gis_osm_pois_free"}
_MARK = "a00000001.gdbtable"


@dataclass(frozen=True)
class Extracted:
    """What was taken out of an archive.

    Attributes
    ----------
    path
        The file or folder to read.
    layer
        The layer within it that is left to choose; None for none.
    shown
        How messages name it: the archive, with the file where it holds several.
    others
        The files that could be read too and were not: by the names that choose them, and JSON beside a drawing.
    """

    path: Path
    layer: str | None
    shown: str
    others: tuple[str, ...]


def extract(
    path: Path, into: Path, suffixes: Collection[str], chosen: str | None, layer: str, limits: FileLimits
) -> Extracted:
    """Extract what is to be read into a folder.

    Parameters
    ----------
    suffixes
        Last suffixes of files that are read, without archives.
    chosen
        A file of the archive by its name, ``file:layer`` for a layer within it, or a layer of the only one; None for
        the only one.
    layer
        The layer that it is read as.

    Raises
    ------
    UnreadableFile
        Where the archive is broken, encrypted, too large unpacked, has absolute or ``..`` names, or nothing to read.
    UnknownName
        Where it holds several things and ``chosen`` is none of them.
    """
    with bounds.open_zip(
        path, max_entries=limits.zip_entries, max_bytes=limits.zip_bytes, max_ratio=limits.zip_ratio, within=(".kmz",)
    ) as archive:
        entries = {_name(one): one for one in archive.infolist() if not one.is_dir() and not _is_of_macos(_name(one))}
        found = _readable(entries, suffixes)
        if not found:
            raise unreadable(path.name, "里面没有可读的文件", "it holds no file that is read")
        labels = _labels(found)
        name, inner = _chosen(path.name, labels, chosen, layer)
        shown = path.name if len(found) == 1 else f"{path.name}:{labels[name]}"
        sides = [one for one in entries if one not in found and _is_json(one) and _is_side_file(one, entries)]
        others = (*(label for one, label in labels.items() if one != name), *sides)
        return Extracted(_write(archive, entries, name, found[name], into), inner, shown, others)


def _name(entry: zipfile.ZipInfo) -> str:
    """Return the name of an entry; Windows writes Chinese names in GBK and does not say so."""
    if entry.flag_bits & 0x800:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return entry.filename


def _is_of_macos(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return "__MACOSX" in parts or parts[-1].startswith("._") or parts[-1] == ".DS_Store"


def _readable(entries: Collection[str], suffixes: Collection[str]) -> dict[str, list[str]]:
    """Return what can be read by name, with the entries that belong to it."""
    found: dict[str, list[str]] = {}
    tables = {str(PurePosixPath(one).parent) for one in entries if PurePosixPath(one).name.lower() == _MARK}
    for folder in sorted(tables):
        name = folder if PurePosixPath(folder).name else "layer.gdb"
        found[name] = [one for one in entries if str(PurePosixPath(one).parent) == folder]
    inside = {one for listed in found.values() for one in listed}
    for one in entries:
        suffix = PurePosixPath(one).suffix.lower()
        if one in inside or suffix not in suffixes or _is_side_file(one, entries):
            continue
        stem = one[: -len(suffix)].casefold()
        parts = _PARTS.get(suffix, (suffix,))
        beside = ((other, PurePosixPath(other).suffix) for other in entries)
        found[one] = [o for o, end in beside if end.lower() in parts and o[: len(o) - len(end)].casefold() == stem]
    return found


def _is_side_file(name: str, entries: Collection[str]) -> bool:
    """Return whether a text lies beside a Shapefile or drawing as its description."""
    if PurePosixPath(name).suffix.lower() not in (".txt", ".json"):
        return False
    mains = (".shp", ".tab", ".mif", ".dxf", ".kml", ".gpkg", ".geojson", ".csv", ".xlsx", ".gdbtable")
    return any(PurePosixPath(one).suffix.lower() in mains for one in entries)


def _is_json(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() == ".json"


def _labels(found: Collection[str]) -> dict[str, str]:
    """Return by what each file is chosen: its name without suffix, and with folder or suffix where that is shared."""
    spellings = [[PurePosixPath(one).stem, PurePosixPath(one).name, _without_suffix(one), one] for one in found]
    shared = Counter(spelling for one in spellings for spelling in dict.fromkeys(one))
    return {one[-1]: next((spelling for spelling in one if shared[spelling] == 1), one[-1]) for one in spellings}


def _without_suffix(name: str) -> str:
    return name.removesuffix(PurePosixPath(name).suffix)


def _chosen(archive: str, labels: Mapping[str, str], chosen: str | None, layer: str) -> tuple[str, str | None]:
    if chosen is not None:
        for spelled in (
            lambda one: (one, labels[one]),
            lambda one: (PurePosixPath(one).name, _without_suffix(one), PurePosixPath(one).stem),
        ):
            named = [one for one in labels if chosen in spelled(one)]
            if len(named) == 1:
                return named[0], None
        (only, *more) = labels
        file, _, inner = chosen.partition(":")
        if more and inner:
            return _chosen(archive, labels, file, layer)[0], inner
        if not more and not only.lower().endswith((".shp", ".tab", ".mif")):
            return only, chosen
    elif len(labels) == 1:
        return next(iter(labels)), None
    else:
        theme = _THEMES.get(layer, layer)
        stems = {one: PurePosixPath(one).stem for one in labels}
        named = [one for one, stem in stems.items() if stem == layer or stem.startswith(theme)]
        if len(named) == 1:
            return named[0], None
    listed = ", ".join([*labels.values()][:60])
    if chosen is not None:
        raise UnknownName(
            f"{archive} 里没有 {chosen}；有：{listed}", f"{archive} holds no {chosen}; it holds: {listed}"
        )
    raise UnknownName(
        f"{archive} 里有多个文件，请用 --source-layer 选一个：{listed}",
        f"{archive} holds {len(labels)} files; choose one with --source-layer: {listed}",
    )


def _write(
    archive: zipfile.ZipFile, entries: dict[str, zipfile.ZipInfo], name: str, parts: Sequence[str], into: Path
) -> Path:
    """Write the entries under names that are safe on every system."""
    is_folder = len(parts) > 0 and name not in parts
    main = into / ("layer.gdb" if is_folder else f"layer{_suffix(name)}")
    if is_folder:
        main.mkdir()
    for one in parts:
        target = main / PurePosixPath(one).name if is_folder else into / f"layer{_suffix(one)}"
        with target.open("wb") as file:
            file.writelines(bounds.stream(archive, entries[one]))
    return main


def _suffix(name: str) -> str:
    lower = name.lower()
    return ".osm.pbf" if lower.endswith(".osm.pbf") else PurePosixPath(lower).suffix
