"""Declare what a base map of the user's own is: its kinds, its settings, and their form in a store."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any, Literal, get_args
from urllib.parse import urlsplit, urlunsplit

from geo.errors import BadValue, UnknownName

Kind = Literal["mbtiles", "pmtiles", "xyz", "wmts", "arcgis", "geotiff"]
KINDS: tuple[Kind, ...] = get_args(Kind)
#: Kind -> its name in Chinese and in English.
KIND_NAMES: Mapping[str, tuple[str, str]] = {
    "mbtiles": ("MBTiles 文件", "MBTiles file"),
    "pmtiles": ("PMTiles 文件", "PMTiles file"),
    "xyz": ("z/x/y 文件夹或网址", "z/x/y folder or URL"),
    "wmts": ("WMTS 服务", "WMTS service"),
    "arcgis": ("ArcGIS 切片缓存", "ArcGIS cache"),
    "geotiff": ("GeoTIFF 影像", "GeoTIFF image"),
}
#: The CRS of a base map whose tiles have the shift of GCJ-02.
GCJ02 = "gcj02"
#: Web Mercator, and the two geographic CRSs that count as one for drawing: they differ by centimetres.
WEB_MERCATOR, DEGREES = "3857", ("4490", "4326")
#: Finest zoom that is served, that of all tiles.
MAX_ZOOM = 22
#: Most base maps that one store keeps.
MAX_BASE_MAPS = 100

_NAME = re.compile(r"[^\W_][\w .()（）-]{0,59}")
_CRS = re.compile(r"3857|4490|4326|gcj02|EPSG:\d{4,6}")
_TEXTS = ("attribution", "review_number", "data_date", "secret_class", "layer")
_MAX_TEXT = 300


@dataclass(frozen=True)
class BaseMap:
    """Settings of one base map.

    Attributes
    ----------
    name
        Its name, also in addresses.
    kind
        One of ``KINDS``.
    source
        A path, relative to the folder of the workspace or of the server's base maps, or a URL.
    crs
        ``3857``, ``4490``, ``4326``, ``gcj02`` or ``EPSG:n``.
    levels
        First and last zoom, as Web Mercator counts them, that the source has of its own; None where unknown.
    attribution, review_number, data_date, secret_class
        What is always shown with it: whose it is, 审图号, the date of its data (ISO 8601), 密级.
    opacity
        0 to 1.
    layer
        The layer of a WMTS, where it is not the first.
    extent
        West, south, east, north in degrees, outside of which the source has nothing; None where it does not tell.
    first_level
        Of tiles in degrees by z/x/y: the level at which the world is two tiles wide, 0 or 1; None where the tiles have
        to tell.

    Examples
    --------
    >>> base = BaseMap("影像", "mbtiles", "image.mbtiles", "3857", levels=(8, 16))
    >>> from_text(to_text(base)) == base
    True
    >>> base.as_record()["path"], base.as_record()["levels"]
    ('image.mbtiles', [8, 16])
    """

    name: str
    kind: str
    source: str
    crs: str
    levels: tuple[int, int] | None = None
    attribution: str = ""
    review_number: str = ""
    data_date: str = ""
    secret_class: str = ""
    opacity: float = 1.0
    layer: str = ""
    extent: tuple[float, float, float, float] | None = None
    first_level: int | None = None

    def __post_init__(self) -> None:
        require_name(self.name)
        if self.kind not in KINDS:
            listed = ", ".join(KINDS)
            raise UnknownName(
                f"没有底图类型 {self.kind}，可用：{listed}", f"no kind of base map {self.kind}; there are: {listed}"
            )
        if not _CRS.fullmatch(self.crs):
            raise BadValue(
                f"底图的坐标系不能是 {self.crs[:40]}，可用：3857、4490、4326、gcj02、EPSG:n",
                f"the CRS of a base map cannot be {self.crs[:40]}; there are: 3857, 4490, 4326, gcj02, EPSG:n",
            )
        if self.levels is not None and not 0 <= self.levels[0] <= self.levels[1] <= MAX_ZOOM:
            raise BadValue(
                f"级别须在 0 与 {MAX_ZOOM} 之间，先小后大", f"levels go from 0 to {MAX_ZOOM}, the lower first"
            )
        if not isinstance(self.source, str) or self.first_level not in (None, 0, 1):
            raise BadValue("底图的来源或首级不可用", "the source or the first level of a base map cannot be used")
        if self.extent is not None and not _is_box(self.extent):
            raise BadValue("底图的范围须是西、南、东、北的度数", "the extent is west, south, east, north in degrees")
        if not 0 <= self.opacity <= 1:
            raise BadValue("不透明度须在 0 与 1 之间", "the opacity goes from 0 to 1")
        for field in _TEXTS:
            _require_text(field, getattr(self, field))
        _require_date(self.data_date)

    @property
    def is_url(self) -> bool:
        """Return whether the source is fetched from another host."""
        return self.source.lower().startswith(("http://", "https://"))

    @property
    def is_shifted(self) -> bool:
        """Return whether its tiles have the shift of GCJ-02."""
        return self.crs == GCJ02

    def shown_source(self) -> str:
        """Return the source as it may be shown: values of a URL's query are hidden, a key may be among them."""
        if not self.is_url:
            return self.source
        parts = urlsplit(self.source)
        query = re.sub(r"=([^&{}]+)(?=&|$)", "=***", parts.query)
        return urlunsplit(parts._replace(query=query))

    def as_record(self) -> dict[str, Any]:
        """Return its settings under the names of docs/contract.md section 7, the source as it may be shown."""
        values = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "first_level"}
        values.pop("source")
        lists = {name: None if values[name] is None else list(values[name]) for name in ("levels", "extent")}
        return values | {"url" if self.is_url else "path": self.shown_source(), **lists}


def _is_box(extent: Sequence[float]) -> bool:
    west, south, east, north = extent
    return -180 <= west < east <= 180 and -90 <= south < north <= 90


def require_name(name: str) -> str:
    """Return the name of a base map; raise BadValue where it cannot stand in an address or on a page."""
    if not _NAME.fullmatch(name) or name != name.strip() or ".." in name:
        raise BadValue(
            f"底图名称 {name[:60]!r} 不可用：一至六十个字，以字母、汉字或数字开头，可含空格 . _ - ()",
            f"a base map cannot be named {name[:60]!r}: up to 60 letters or digits first, then also blanks . _ - ()",
        )
    return name


def _require_text(field: str, value: str) -> None:
    if len(value) > _MAX_TEXT or not all(char.isprintable() for char in value):
        raise BadValue(
            f"{field} 须是一行，至多 {_MAX_TEXT} 字", f"{field} is one line of at most {_MAX_TEXT} characters"
        )


def _require_date(value: str) -> None:
    """Raise BadValue for a date that is neither a year, nor a month, nor a day."""
    if value:
        try:
            date.fromisoformat({4: f"{value}-01-01", 7: f"{value}-01"}.get(len(value), value))
        except ValueError:
            raise BadValue(
                f"数据日期 {value[:20]} 不可用；写作 2025、2025-06 或 2025-06-30",
                f"the data date {value[:20]} cannot be read; write 2025, 2025-06 or 2025-06-30",
            ) from None


def to_text(base: BaseMap) -> str:
    """Return the settings of a base map as they are stored."""
    return json.dumps(
        {key: value for key, value in asdict(base).items() if value not in (None, "")}, ensure_ascii=False
    )


def from_text(text: str) -> BaseMap:
    """Return a base map as stored; raise BadValue where the text is none, as after an edit by hand."""
    try:
        values = json.loads(text)
        levels, extent = values.get("levels"), values.get("extent")
        known = {field.name for field in fields(BaseMap)}
        kept = {key: value for key, value in values.items() if key in known}
        kept |= {"levels": None if levels is None else (int(levels[0]), int(levels[1]))}
        kept |= {"extent": None if extent is None else tuple(float(one) for one in extent)}
        return BaseMap(**kept)
    except (ValueError, TypeError, AttributeError, KeyError, IndexError):
        raise BadValue("库里的底图设置无法读取", "the stored settings of a base map cannot be read") from None


def readable(texts: Sequence[str]) -> list[BaseMap]:
    """Return the base maps among stored texts, by name; what cannot be read is left out."""
    found = []
    for text in texts:
        try:
            found.append(from_text(text))
        except BadValue:
            continue
    return sorted(found, key=lambda base: base.name)
