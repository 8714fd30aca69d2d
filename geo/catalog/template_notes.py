"""Say in templates what a field means, in which unit it is, and which words a free text is offered."""

from __future__ import annotations

#: Words offered where others are read as well: a free text of the rules (B1, B3), the coordinate system of a row.
OFFERED_WORDS = {
    "place_type": (("室内", "室外"), ("indoor", "outdoor")),
    "crs": (
        ("WGS-84", "CGCS2000", "GCJ-02（高德、腾讯）", "BD-09（百度）"),
        ("WGS-84", "CGCS2000", "GCJ-02 (Amap)", "BD-09 (Baidu)"),
    ),
}

#: Unit of a field -> its name in Chinese and English.
UNIT_NAMES = {"deg": ("度", "degrees"), "m": ("米", "metres"), "px": ("像素", "pixels"),
          "per m2, m or point": ("每平方米、米或点", "per m2, metre or point")}  # fmt: skip
#: Field, or layer and field -> what it means, in Chinese and English.
MEANINGS = {
    "roads.class": ("主干路、国道、人行道等，或 OpenStreetMap 的等级", "a class of OpenStreetMap, or a word for it"),
    "name": ("人们怎么称呼它", "what people call it"),
    "kind": ("是哪一种", "what kind of thing it is"),
    "vfov": ("镜头的垂直视场角；留空由水平视场角与像素算出", "of the lens; left empty, from hfov and the pixels"),
    "roll": ("镜头绕光轴转过的角度，一般为 0 或留空", "turn about the optical axis; mostly 0 or empty"),
    "projection": ("镜头的投影方式，不知道就留空", "projection of the lens; leave empty where unknown"),
    "width_px": ("图像宽度的像素数，如 1920、2560", "pixels across the image, as 1920 or 2560"),
    "height_px": ("图像高度的像素数，如 1080、1440", "pixels down the image, as 1080 or 1440"),
    "max_range": ("厂家或实测的最大可视距离；留空不限", "by the maker or measured; left empty there is none"),
    "owner": ("单位名称，不写个人", "an organisation, no person"),
    "source": ("这一行从哪里来", "where this row comes from"),
    "households": ("住户数", "number of households"),
    "population": ("人口数", "number of people"),
    "staff": ("网格员有几人，只写人数", "how many staff; the number only"),
    "text": ("门牌地址全文", "the whole address"),
    "standard": ("规范写法的地址", "the address in its standard form"),
    "aliases": ("别的叫法，用分号隔开", "other names, separated by semicolons"),
    "building": ("楼栋号", "number of the building"),
    "grid": ("不必填：导入时由位置得出", "need not be filled in: derived from the place"),
    "width": ("路面宽度；未知留空", "of the carriageway; leave empty where unknown"),
    "azimuth": ("真北起顺时针的角度；也可写 东南 等方向词；未知留空",
                "clockwise from true north; a word such as SE will do; leave empty where unknown"),
    "hfov": ("镜头的水平视场角；留空按类型取默认", "of the lens; left empty, the default of the kind"),
    "tilt": ("向下为正", "downwards is positive"),
    "site": ("同一根杆上的各台摄像机写同一个点位", "cameras on one pole have one site"),
    "class": ("一类、二类、三类点", "class of the site"),
    "height": ("离地高度；未知留空", "above the ground; leave empty where unknown"),
    "levels": ("没有高度时，按每层 3 米计", "counts 3 m each where there is no height"),
    "status": ("留空为在线；不能确定写未知", "left empty it is online; write unknown where nobody knows"),
    "other_ids": ("同一台摄像机在别的清单里的编号，用分号隔开；没有就留空",
                  "its ids in other lists, separated by semicolons; leave empty where it has none"),
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
    "crs": ("这一行的坐标属于哪一种，也可写 EPSG:n；留空的按导入时的 --crs 读",
            "of the coordinates of this row, EPSG:n too; left empty, the --crs of the import"),
    "wkt": ("WKT 文本：POLYGON ((经度 纬度, …, 首尾同点))、LINESTRING (…)、POINT (经度 纬度)；可由 QGIS 导出",
            "WKT text: POLYGON ((lon lat, ..., first point again)), LINESTRING (...), POINT (lon lat); QGIS writes it"),
}  # fmt: skip
