"""Say the words of choosing what is printed and how, as key -> (Chinese, English)."""

from __future__ import annotations

PRESS_WORDS = {
    "sheet_layers_left": ("按选择未画：{names}。", "Not drawn, as chosen: {names}."),
    "sheet_layer_cameras": ("摄像机", "cameras"),
    "sheet_layer_gaps": ("盲区", "gaps"),
    "sheet_layer_coverage": ("覆盖", "coverage"),
    "sheet_layer_roads": ("道路", "roads"),
    "sheet_layer_buildings": ("建筑", "buildings"),
    "sheet_layer_places": ("部位与设施", "places and facilities"),
}
