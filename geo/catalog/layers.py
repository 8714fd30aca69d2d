"""Describe the layers a workspace holds: geometry, key, fields, units (DESIGN section 3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from geo.errors import UnknownName

Kind = Literal["text", "number", "integer", "date"]
Shape = Literal["point", "line", "polygon"]


@dataclass(frozen=True)
class Field:
    """Describe one field; ``unit`` is empty for names and codes, ``choices`` empty where any value goes."""

    name: str
    kind: Kind
    zh: str
    unit: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Layer:
    """Describe one layer; ``shapes`` are the single kinds allowed, their multi forms included."""

    name: str
    zh: str
    shapes: tuple[Shape, ...]
    key: str
    fields: tuple[Field, ...]

    def field(self, name: str) -> Field:
        """Return the field of that name, validity dates included; raise UnknownName otherwise."""
        for one in self.all_fields:
            if one.name == name:
                return one
        raise UnknownName(f"图层 {self.name} 没有字段 {name}", f"layer {self.name} has no field {name}")

    @property
    def all_fields(self) -> tuple[Field, ...]:
        """Return the fields of the layer followed by the validity dates that every layer has."""
        return (*self.fields, *VALIDITY)

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of all fields, validity dates included, in stored order."""
        return tuple(one.name for one in self.all_fields)


def _text(name: str, zh: str, *choices: str) -> Field:
    return Field(name, "text", zh, choices=choices)


def _number(name: str, zh: str, unit: str) -> Field:
    return Field(name, "number", zh, unit)


def _integer(name: str, zh: str, unit: str = "") -> Field:
    return Field(name, "integer", zh, unit)


#: Null means open on that side (CONTRACT section 4).
VALIDITY = (Field("valid_from", "date", "生效日期"), Field("valid_to", "date", "失效日期"))

_LAYERS = (
    Layer(
        "divisions",
        "行政区划",
        ("polygon",),
        "code",
        (
            _text("code", "代码"),
            _text("name", "名称"),
            _text("level", "级别", "county", "township", "village"),
            _text("parent", "上级代码"),
        ),
    ),
    Layer(
        "grids",
        "网格",
        ("polygon",),
        "code",
        (
            _text("code", "代码"),
            _text("name", "名称"),
            _text("kind", "类型", "general", "dedicated"),
            _integer("level", "层级"),
            _text("village", "所属村社区"),
            _text("parent", "上级网格"),
            _integer("households", "户数"),
            _integer("population", "人口数"),
            _integer("staff", "网格员人数"),
        ),
    ),
    Layer(
        "villages",
        "村庄",
        ("point", "polygon"),
        "code",
        (
            _text("code", "代码"),
            _text("name", "名称"),
            _integer("households", "户数"),
            _integer("population", "人口数"),
        ),
    ),
    Layer(
        "cameras",
        "摄像机",
        ("point",),
        "id",
        (
            _text("id", "编号"),
            _text("site", "点位"),
            _text("name", "名称"),
            _integer("class", "类别"),
            _text("kind", "类型", "fixed", "ptz", "panoramic"),
            _number("azimuth", "方位角", "deg"),
            _number("hfov", "水平视场角", "deg"),
            _number("vfov", "垂直视场角", "deg"),
            _number("tilt", "俯角", "deg"),
            _number("roll", "横滚角", "deg"),
            _text("projection", "投影"),
            _number("height", "安装高度", "m"),
            _integer("width_px", "图像宽度", "px"),
            _integer("height_px", "图像高度", "px"),
            _number("max_range", "最大距离", "m"),
            _text("status", "状态", "online", "offline", "planned"),
            _text("owner", "权属单位"),
            _text("place_type", "场所类型"),
            _text("source", "来源"),
        ),
    ),
    Layer("obstacles", "建筑", ("polygon",), "id", (_text("id", "编号"), _number("height", "高度", "m"))),
    Layer(
        "roads",
        "道路",
        ("line",),
        "id",
        (_text("id", "编号"), _text("class", "等级"), _number("width", "宽度", "m"), _text("name", "名称")),
    ),
    Layer(
        "demand",
        "需求",
        ("point", "line", "polygon"),
        "id",
        (
            _text("id", "编号"),
            _number("weight", "权重", "per m2, m or point"),
            _text("name", "名称"),
            _text("kind", "类型"),
        ),
    ),
    Layer(
        "protected",
        "保护区",
        ("point", "line", "polygon"),
        "id",
        (
            _text("id", "编号"),
            _text("kind", "类型"),
            _text("name", "名称"),
            _text("rule", "规则", "never", "mask", "consent"),
        ),
    ),
    Layer(
        "addresses",
        "地址",
        ("point",),
        "id",
        (
            _text("id", "编号"),
            _text("text", "地址"),
            _text("standard", "标准地址"),
            _text("aliases", "别名"),
            _text("building", "楼栋"),
            _text("grid", "所属网格"),
        ),
    ),
)

#: Every stored vector layer by name, in the order people list them. Terrain is a raster and stored apart.
LAYERS: Mapping[str, Layer] = {one.name: one for one in _LAYERS}


def layer(name: str) -> Layer:
    """Return the layer of that name; raise UnknownName, naming the known ones, otherwise."""
    try:
        return LAYERS[name]
    except KeyError:
        known = ", ".join(LAYERS)
        raise UnknownName(f"没有图层 {name}，可用：{known}", f"no layer {name}; there are: {known}") from None
