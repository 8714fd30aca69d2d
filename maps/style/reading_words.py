"""Say what helps to read the map, as key -> (Chinese, English); fields and values are the catalogue's."""

from __future__ import annotations

from geo.catalog.layers import LAYERS

READING_WORDS = {
    **{f"camera_{one.name}": (one.zh, one.en) for one in LAYERS["cameras"].fields},
    **{
        f"camera_{one.name}_{value.name}": (value.zh, value.en)
        for one in LAYERS["cameras"].fields
        for value in one.values
    },
    "camera_fields_of_view": ("视场角（水平 × 垂直）", "Field of view (horizontal × vertical)"),
    "camera_picture": ("图像", "Picture"),
    "camera_assumed": ("按缺省计：{what}", "Assumed: {what}"),
    "camera_assumed_part": ("{name} {value}", "{name} {value}"),
    "camera_by_default": ("{what}（没有写明，按缺省）", "{what} (not given, assumed)"),
}
