"""Hold the structure of the page's scripts (docs/develop/page.md); `make lint` checks their types."""

from __future__ import annotations

import re
from collections import defaultdict

from geo.catalog.layers import LAYERS
from geo.readers.columns.profiles import PROFILES
from maps.web import assets, pages

APP = pages.STATIC_DIR / "app"
TEXTS = {path.stem: path.read_text(encoding="utf-8") for path in APP.glob("*.js")}
_IDS = re.compile(r"""byId\("([\w-]+)"\)|querySelector(?:All)?\(['"]#([\w-]+)""")


def test_every_module_is_loaded_once_and_short() -> None:
    assert sorted(pages.SERVED_SCRIPTS) == sorted(TEXTS)
    assert {name: count for name, text in TEXTS.items() if (count := text.count("\n")) > 250} == {}


def test_no_style_sheet_has_the_name_of_a_script_of_both_pages() -> None:
    """Folium would keep one of the two in the one-file map."""
    assert not set(pages.STYLES) & set(pages.SCRIPTS)


def test_each_module_says_what_it_does_and_keeps_its_names_to_itself() -> None:
    for name, text in TEXTS.items():
        first, second = text.splitlines()[:2]
        assert first.startswith("// "), name
        assert second == "(function () {", name
        assert text.endswith("})();\n"), name


def test_no_module_reads_the_elements_of_another() -> None:
    owners = defaultdict(set)
    for name, text in TEXTS.items():
        for found in _IDS.findall(text):
            owners[found[0] or found[1]].add(name)
    assert {one: names for one, names in owners.items() if len(names) > 1} == {}


def test_the_state_is_changed_by_update_alone() -> None:
    for name, text in TEXTS.items():
        if name != "state":
            assert not re.search(r"gridsight\.state(\.\w+)+ = |\bstate\.(shown|selection|figure|zoneLayer) = ", text), (
                name
            )


def test_the_one_script_of_the_served_page_holds_every_module_in_order() -> None:
    lines = assets.bundle_of(pages.SERVED_SCRIPTS).splitlines()[1:]
    code = [line.strip() for name in pages.SERVED_SCRIPTS for line in TEXTS[name].splitlines()]
    assert [line for line in lines if line] == [line for line in code if line and not re.match(r"//|/\*\*.*\*/$", line)]


def test_no_script_has_a_text_of_several_lines() -> None:
    """The one script of the served page goes without indentation and lines of comments."""
    for name, text in TEXTS.items():
        assert "`" not in re.sub(r"//.*|/\*.*?\*/", "", text), name


def test_the_form_of_an_import_offers_the_profiles_that_files_are_read_by() -> None:
    (found,) = re.findall(r"PROFILES = \[(.*)\];", (assets.STATIC_DIR / "app" / "dataform.js").read_text("utf-8"))
    assert set(re.findall(r'"(\w+)"', found)) == set(PROFILES)


def test_what_is_counted_in_a_grid_is_not_kept_by_both_halves_of_it() -> None:
    text = (assets.STATIC_DIR / "app" / "drawdivide.js").read_text("utf-8")
    (found,) = re.findall(r"const COUNTS = \[(.*)\];", text)
    counted = {one.name for one in LAYERS["grids"].fields if one.kind == "integer" and one.name != "level"}
    assert set(re.findall(r'"(\w+)"', found)) == counted
