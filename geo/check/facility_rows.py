"""Find facilities whose facility above, or whose division served, is missing or cannot be meant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from geo.catalog.division_codes import DIVISION_LEVELS, code_text, compared_code, without_padding
from geo.catalog.headings import NAMING_LAYERS
from geo.catalog.kinds import names_in
from geo.catalog.layers import LAYERS
from geo.check.metric_frames import MetricFrames, box_centres, column, keys
from geo.check.ranking import Severity, UnrankedFinding
from geo.sentences import sentence

#: From the highest down.
_LEVELS = tuple(DIVISION_LEVELS)
_LEVEL_WORDS = {one.name: (one.zh, one.en.lower()) for one in LAYERS["facilities"].field("level").values}
_TOWNSHIP_DIGITS = DIVISION_LEVELS["township"]


def find(data: MetricFrames) -> Iterator[UnrankedFinding]:
    """Yield facilities below or serving what there is not, below themselves or their like, or serving elsewhere."""
    frame = data.whole("facilities")
    if frame is None:
        return
    frames = [other for name in NAMING_LAYERS if (other := data.with_names(name)) is not None]
    divisions = {compared_code(code) for other in frames for code in column(other, "code") if code is not None}
    names = keys(frame, "facilities")
    rows = {code_text(code): k for k, code in enumerate(column(frame, "code")) if code is not None}
    above = [None if one is None else code_text(one) for one in column(frame, "parent")]
    level, kind = column(frame, "level"), column(frame, "kind")
    serves = [[compared_code(code) for code in names_in(text)] for text in column(frame, "serves")]
    position = box_centres(frame.geometry.to_numpy())

    def finding(severity: Severity, code: str, k: int, zh: str, en: str, value: float | None = None) -> UnrankedFinding:
        place = float(position[k, 0]), float(position[k, 1])
        return UnrankedFinding(severity, code, "facilities", [names[k]], sentence(zh, en), value, *place)

    for k, name in enumerate(names):
        one = above[k]
        if one is not None and one not in rows and without_padding(one) not in divisions:
            yield finding(
                "error", "facility-parent-missing", k,
                f"设施 {name} 的上级 {one} 不存在", f"the facility or division {one} above {name} does not exist",
            )  # fmt: skip
        absent = [code for code in serves[k] if code not in divisions]
        if absent and divisions:
            shown = ", ".join(absent[:5])
            yield finding(
                "warning", "facility-serves-unknown", k,
                f"设施 {name} 所服务的 {shown} 不存在", f"what facility {name} serves does not exist: {shown}",
                float(len(absent)),
            )  # fmt: skip
        if one is None:
            continue
        if _is_below_itself(k, above, rows):
            yield finding(
                "error", "facility-parent-itself", k,
                f"设施 {name} 的上级 {one} 就是它自己或在它之下", f"{one} above facility {name} is itself or below it",
            )  # fmt: skip
            continue
        top = rows.get(one)
        if top is not None and _is_no_higher(level[k], level[top]):
            (zh, en), (top_zh, top_en) = _LEVEL_WORDS[level[k]], _LEVEL_WORDS[level[top]]
            yield finding(
                "warning", "facility-parent-level", k,
                f"设施 {name} 是{zh}级别，它的上级 {one} 是{top_zh}级别",
                f"facility {name} is of level {en}, and {one} above it of level {top_en}",
            )  # fmt: skip
        ground = serves[top] if top is not None else [without_padding(one)]
        elsewhere = [code for code in serves[k] if ground and not any(_is_within(code, there) for there in ground)]
        if elsewhere:
            shown = ", ".join(elsewhere[:5])
            yield finding(
                "warning", "facility-serves-elsewhere", k,
                f"设施 {name} 服务的 {shown} 不属于它的上级 {one} 所服务的",
                f"facility {name} serves {shown}, which is not of what {one} above it serves", float(len(elsewhere)),
            )  # fmt: skip
    yield from _without_parent(names, kind, level, above)


def _is_below_itself(k: int, above: Sequence[str | None], rows: Mapping[str, int]) -> bool:
    """Return whether going up from a facility comes back to it."""
    seen = set()
    at: int | None = k
    while at is not None and at not in seen:
        seen.add(at)
        parent = above[at]
        at = None if parent is None else rows.get(parent)
        if at == k:
            return True
    return False


def _is_no_higher(own: str | None, top: str | None) -> bool:
    """Return whether the level above is no higher; a value that is no level tells nothing."""
    return own in _LEVELS and top in _LEVELS and _LEVELS.index(top) >= _LEVELS.index(own)


def _is_within(code: str, there: str) -> bool:
    """Return whether a division lies in another or in its township: a centre may name the villages beside its own."""
    return code.startswith(there) or (len(there) >= _TOWNSHIP_DIGITS and code.startswith(there[:_TOWNSHIP_DIGITS]))


def _without_parent(
    names: Sequence[str], kind: np.ndarray, level: np.ndarray, above: Sequence[str | None]
) -> Iterator[UnrankedFinding]:
    """Yield the facilities of a kind and level that name none above while others like them do: one finding each."""
    rows: dict[tuple[str, str], list[int]] = defaultdict(list)
    for k, (what, of) in enumerate(zip(kind, level, strict=True)):
        if what is not None and of in _LEVELS:
            rows[what, of].append(k)
    for (_, of), mine in rows.items():
        bare = [names[k] for k in mine if above[k] is None]
        if bare and len(bare) < len(mine):
            (zh, en), others = _LEVEL_WORDS[of], len(mine) - len(bare)
            yield UnrankedFinding(
                "warning", "facility-parent-empty", "facilities", bare,
                sentence(f"{len(bare)} 个{zh}级别的设施没有写上级，同类的 {others} 个写了",
                         f"{len(bare)} facilities of level {en} name none above, {others} of the kind do"),
                float(len(bare)),
            )  # fmt: skip
