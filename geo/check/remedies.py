"""Say how each finding of ``check`` is mended."""

from __future__ import annotations

from geo.sentences import sentence

_OUTLINE = ("改正边界后重新导入", "mend the borders and import them again")
_APART = (
    "重叠处归其中一个，改正边界后重新导入",
    "give the overlap to one of them, mend the borders and import them again",
)

#: Code of a finding -> what is to be done, Chinese and English.
_REMEDIES: dict[str, tuple[str, str]] = {
    "address-at-two-places": (
        "核对哪个位置对，删去错的一行；确是两处的，在文字里写明各自的乡镇、村或门牌",
        "see which point is right and delete the other row; where both are, write what tells them apart",
    ),
    "address-elsewhere": (
        "核对位置与坐标系；位置无误的，改正文字里的乡镇、村后重新导入",
        "see that point and CRS are right; where they are, correct town and village of its text and import it again",
    ),
    "address-outside-grids": (
        "核对位置与坐标系；位置无误的，补上该处的网格",
        "see that point and CRS are right; where they are, draw the grid that is missing there",
    ),
    "camera-at-origin": ("补上坐标后重新导入这台摄像机", "give its coordinates and import the camera again"),
    "camera-duplicate": (
        "核对是否同一台：是则删去一行，不是则补上各自的方位角",
        "see whether it is one camera: if so delete a row, if not give each its azimuth",
    ),
    "camera-duplicate-id": ("改成不同的编号，或删去重复的一行", "give them different ids or delete one of the rows"),
    "camera-id-odd": (
        "核对编号；不用 20 位编号的可以不改",
        "see that the id is right; where 20 digits are not used leave it",
    ),
    "camera-in-wall": (
        "把摄像机移到墙外的实际位置，或在室内的标为室内",
        "move it to its place outside the wall, or mark it as indoor where it is",
    ),
    "camera-indoor": (
        "确在室内的不用改；否则改正室内外",
        "leave it where it is indoors; else correct its kind of place",
    ),
    "camera-optics-impossible": ("按铭牌或台账改正光学参数", "correct its optics by its plate or register"),
    "camera-optics-odd": ("核对安装高度、视场角与像素数", "look at mounting height, fields of view and pixels"),
    "camera-outside-grids": (
        "核对位置与坐标系；位置无误的，补上该处的网格",
        "see that place and CRS are right; where they are, draw the grid that is missing there",
    ),
    "camera-shift-unknown": (
        "导入道路或建筑后再检查，或到现场核对几台的位置",
        "import roads or buildings and check again, or look at a few of them on site",
    ),
    "camera-shifted": ("用所写的坐标系重新导入", "import them again in the CRS that is named"),
    "camera-site-apart": ("给不同的点位不同的点位编号", "give places apart different codes of sites"),
    "claim-places-overlap": (
        "改正形状，或把其中一个归到别的声明",
        "mend the shapes or move one of them to another claim",
    ),
    "claim-undefined": (
        "把这项声明加进表 claims，或改正部位的声明",
        "add the claim to table claims or correct it at the place",
    ),
    "claim-without-share": ("在声明或部位上写明占比", "give a share at the claim or the place"),
    "code-duplicate": ("改成不同的代码，或删去重复的一行", "give them different codes or delete one of the rows"),
    "code-parent-missing": ("导入它的上级，或改正上级代码", "import what is above it or correct the code of that"),
    "code-prefix-mismatch": ("改正代码或上级，使两者相符", "correct its code or what is above it, so that they agree"),
    "code-unreadable": ("按编码规则改正代码", "correct the code by the rules of codes"),
    "codes-out-of-order": (
        "代码编定后不变，可以不改；整村重新编码时再理顺",
        "leave them: codes stay; put them in order when the whole village is coded anew",
    ),
    "dedicated-outside-general": (
        "全县一种画法：从综合网格中划出，或压在其上",
        "draw all dedicated grids in one way: cut out of the general ones, or over them",
    ),
    "dedicated-partly-outside": (
        "改正边界，使它全在综合网格之内或之外",
        "mend its border, so that it lies in general grids or outside them",
    ),
    "division-overlap": _APART,
    "division-sliver": _OUTLINE,
    "facility-outside-county": ("核对位置与坐标系", "see that place and CRS are right"),
    "facility-parent-empty": ("补上它的上级", "give what it is under"),
    "facility-parent-itself": ("改正上级，使它不在自己之下", "correct what it is under: it may not be itself"),
    "facility-parent-level": ("改正级别或上级", "correct its level or what it is under"),
    "facility-parent-missing": ("导入它的上级，或改正上级代码", "import what it is under or correct that code"),
    "facility-serves-elsewhere": ("改正所服务的村或上级", "correct the village that it serves or what it is under"),
    "facility-serves-unknown": (
        "导入所服务的区划，或改正代码",
        "import the division that it serves or correct the code",
    ),
    "far-away": ("核对坐标与坐标系，再重新导入这一行", "look at its coordinates and CRS and import the row again"),
    "geometry-invalid": ("在 GIS 软件里修好图形后重新导入", "repair the shape in a GIS program and import it again"),
    "geometry-missing": ("补上位置后重新导入", "give a place and import the row again"),
    "grid-crossed-by-barrier": (
        "沿道路、河流划开：gridsight divide --keep",
        "divide it along the road or river: gridsight divide --keep",
    ),
    "grid-cuts-building": (
        "边界绕开建筑，整栋归一个网格",
        "lead the border round the building, so that one grid has it whole",
    ),
    "grid-gap": ("把空处划给相邻的网格", "give what is left open to a grid beside it"),
    "grid-multi-part": ("各片分成几个网格，或改正边界", "make each part a grid of its own or mend the borders"),
    "grid-outside-band": (
        "拆分或与相邻的合并：gridsight divide --keep",
        "split it or join it to one beside it: gridsight divide --keep",
    ),
    "grid-outside-grid": ("改正微网格的边界或上级网格", "mend the border of the microgrid or the grid above it"),
    "grid-outside-village": ("改正网格的边界或所属村", "mend the border of the grid or its village"),
    "grid-overlap": _APART,
    "grid-sliver": (
        "gridsight check grids --fix 补上 1 m 以内的，其余改正边界",
        "gridsight check grids --fix mends up to 1 m; else mend the borders",
    ),
    "grid-without-staff": ("配上网格员，或补上人数", "give it staff, or the number of its staff"),
    "heads-above-grids": ("核对网格长人数：一个网格一个", "look at the number of heads: one for a grid"),
    "kind-missing": ("补上类型", "give its kind"),
    "level-unknown": ("改成可用的等级", "give a level that there is"),
    "obstacle-height-odd": ("核对建筑高度与单位", "look at the height of the building and its unit"),
    "own-zones-overlap": ("本来重叠的不用改；否则改正边界", "leave them where that is meant; else mend the borders"),
    "place-outside-county": ("核对位置与坐标系", "see that place and CRS are right"),
    "place-twice": ("删去其中一个", "delete one of the two"),
    "road-class-unknown": ("补上宽度，或改成认识的等级", "give a width, or a class that is known"),
    "road-width-odd": ("核对道路宽度与单位", "look at the width of the road and its unit"),
    "roads-in-pieces": (
        "补上断开处的道路；本来不连的不用改",
        "add the road that is missing; leave it where there is none",
    ),
    "share-out-of-range": ("占比改成 0 到 1，或百分数", "give a share from 0 to 1, or per cent"),
    "village-overlap": _APART,
    "village-sliver": _OUTLINE,
}


def remedy(code: str) -> str:
    """Return what is to be done about findings of a code, as ``中文 / English``; empty for a code that there is not.

    Examples
    --------
    >>> remedy("place-twice")
    '删去其中一个 / delete one of the two'
    """
    return sentence(*_REMEDIES[code]) if code in _REMEDIES else ""
