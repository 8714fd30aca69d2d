"""Say the words of measuring on the map and of lines of sight, as key -> (Chinese, English)."""

from __future__ import annotations

MEASURE_WORDS = {
    "measure": ("测量", "Measure"),
    "measure_length": ("长度", "Length"),
    "measure_area": ("面积", "Area"),
    "measure_bearing": ("方位角", "Bearing"),
    "measure_place": ("坐标", "Coordinates"),
    "measure_sight": ("通视", "Line of sight"),
    "measure_last": ("最后一段", "Last piece"),
    "measure_around": ("周长", "Perimeter"),
    "measure_back": ("反方位角", "Back bearing"),
    "measure_distance": ("距离", "Distance"),
    "measure_begin": (
        "在地图上点选；也可移动地图，用十字中心取点，或输入坐标。",
        "Click on the map; or move the map and set a point at its centre, or type coordinates.",
    ),
    "measure_begin_place": (
        "点选一处，读出它的坐标；也可用十字中心或输入坐标。",
        "Click on a place to read its coordinates; or use the centre, or type coordinates.",
    ),
    "measure_next": ("再点下一点。", "Set the next point."),
    "measure_typed": ("坐标，如 102.5, 37.1", "Coordinates, as 102.5, 37.1"),
    "measure_add": ("加点", "Add point"),
    "measure_centre": ("取地图中心", "Map centre"),
    "measure_undo": ("撤回一点", "Take back"),
    "measure_clear": ("清除", "Clear"),
    "measure_copy": ("复制", "Copy"),
    "measure_unread": (
        "读不出坐标：请写经度、纬度，或带号的投影坐标（米）。",
        "No coordinates: write longitude and latitude, or metres of a projection.",
    ),
    "measure_wgs84": ("WGS-84 经度, 纬度", "WGS-84 longitude, latitude"),
    "measure_cgcs2000": ("CGCS2000 经度, 纬度", "CGCS2000 longitude, latitude"),
    "measure_gauss": (
        "CGCS2000 高斯－克吕格，中央经线 {middle}（{code}）",
        "CGCS2000 Gauss-Krüger, meridian {middle} ({code})",
    ),
    "measure_utm": ("WGS-84 UTM，中央经线 {middle}（{code}）", "WGS-84 UTM, meridian {middle} ({code})"),
    "measure_flat": ("东 {x} m，北 {y} m", "E {x} m, N {y} m"),
    "measure_datums": (
        "WGS-84 与 CGCS2000 相差不到几厘米，数值相同。",
        "WGS-84 and CGCS2000 differ by centimetres: the same numbers.",
    ),
    "sight_begin": (
        "点选眼睛（摄像机）的位置，再点选目标；也可先选一台摄像机。",
        "Set where the eye (the camera) is, then the target; or choose a camera first.",
    ),
    "sight_next": ("再点目标。", "Set the target."),
    "sight_from_height": ("眼睛（镜头）高，m", "Height of the eye (lens), m"),
    "sight_to_height": ("目标高，m", "Height of the target, m"),
    "sight_camera": ("从所选摄像机看", "From the chosen camera"),
    "sight_clear": ("通视：线上没有遮挡。", "Clear: nothing blocks the line."),
    "sight_because_obstacle": (
        "不通视：{obstacle}（高 {height}）在 {at} 处挡住视线，高出 {over}。",
        "Blocked by {obstacle} ({height} high) at {at}; it is {over} above the line.",
    ),
    "sight_because_low": (
        "不通视：{obstacle} 高度未知，按 3 m 计也在 {at} 处挡住视线。",
        "Blocked by {obstacle} at {at}: its height is unknown, and even of 3 m it blocks.",
    ),
    "sight_because_unknown_height": (
        "可能通视：{obstacle} 高度未知，在 {at} 处；按 3 m 计不遮挡。",
        "Possibly clear: {obstacle} at {at} is of unknown height; of 3 m it does not block.",
    ),
    "sight_because_eye": (
        "不通视：眼睛在建筑物之内，低于其高度。",
        "Blocked: the eye is inside a building, below its height.",
    ),
    "sight_because_target": ("不通视：目标在建筑物之内。", "Blocked: the target is inside a building."),
    "sight_moved": ("眼睛移到墙外 {metres} m", "eye moved {metres} m off the wall"),
    "sight_table": ("线上的遮挡物，由近到远", "Obstacles on the line, nearest first"),
    "sight_nothing": ("线上没有遮挡物。", "There is no obstacle on the line."),
    "sight_obstacle": ("遮挡物", "Obstacle"),
    "sight_from_to": ("距离", "At"),
    "sight_height": ("高", "Height"),
    "sight_line_height": ("视线高", "Line at"),
    "sight_over": ("高出视线", "Above line"),
    "sight_unknown": ("未知", "unknown"),
    "sight_flat": (
        "地面按平地计；高度未知的遮挡物按无限高与 3 m 各算一次（U3）。",
        "The ground is flat; an unknown height counts as unlimited, and as 3 m for possible (U3).",
    ),
}
