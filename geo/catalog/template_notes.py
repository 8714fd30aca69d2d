"""Say in templates what a field means, in which unit it is, and which words a free text is offered."""

from __future__ import annotations

#: Words offered for a free text that the rules read (B1, B3).
OFFERED_WORDS = {"place_type": (("室内", "室外"), ("indoor", "outdoor"))}

#: Unit of a field -> its name in Chinese and English.
UNIT_NAMES = {"deg": ("度", "degrees"), "m": ("米", "metres"), "px": ("像素", "pixels"),
          "per m2, m or point": ("每平方米、米或点", "per m2, metre or point")}  # fmt: skip
#: Field -> what it means, in Chinese and English; of fields that their headings do not tell in full.
MEANINGS = {
    "azimuth": ("真北起顺时针的角度；也可写 东南 等方向词；未知留空",
                "clockwise from true north; a word such as SE will do; leave empty where unknown"),
    "hfov": ("镜头的水平视场角；留空按类型取默认", "of the lens; left empty, the default of the kind"),
    "tilt": ("向下为正", "downwards is positive"),
    "site": ("同一根杆上的各台摄像机写同一个点位", "cameras on one pole have one site"),
    "class": ("一类、二类、三类点", "class of the site"),
    "height": ("离地高度；未知留空", "above the ground; leave empty where unknown"),
    "levels": ("没有高度时，按每层 3 米计", "counts 3 m each where there is no height"),
    "status": ("留空为在线；不能确定写未知", "left empty it is online; write unknown where nobody knows"),
    "place_type": ("室内的摄像机不计公共区域", "a camera indoors sees no public space"),
    "level": ("行政级别，或网格的层级", "level of the division or of the grid"),
    "parent": ("上一级的代码", "code of the one above"),
    "village": ("村（社区）的 12 位代码或名称", "12-digit code or name of the village"),
    "weight": ("越重要越大；留空为 1", "the larger the more important; left empty it is 1"),
    "rule": ("不得拍摄、遮蔽，或须经同意", "never seen, masked, or with consent"),
    "valid_from": ("留空表示一直有效；格式 2026-01-31", "left empty it was always valid; as 2026-01-31"),
    "valid_to": ("留空表示长期有效；格式 2026-01-31", "left empty it stays valid; as 2026-01-31"),
    "lon": ("十进制度，经度在前", "decimal degrees"),
    "lat": ("十进制度", "decimal degrees"),
    "wkt": ("WKT 文本：POLYGON ((经度 纬度, …, 首尾同点))、LINESTRING (…)、POINT (经度 纬度)；可由 QGIS 导出",
            "WKT text: POLYGON ((lon lat, ..., first point again)), LINESTRING (...), POINT (lon lat); QGIS writes it"),
}  # fmt: skip
