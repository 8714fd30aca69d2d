"""Check the page as text: size, policy, escaping, words; what it does is test_browser's."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import pytest

from geo.catalog.results import SHARE_EDGES
from geo.errors import UnknownName
from maps.map_data import MapData
from maps.style import coverage_classes
from maps.style.words import WORDS, word
from maps.web import assets, page_config, pages
from tests.maps.county_data import county


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the one-file map of the whole county, made once."""
    path = tmp_path_factory.mktemp("map") / "map.html"
    pages.write_map(county(), path)
    return path


def embedded(text: str, name: str) -> dict:
    found = re.search(rf'<script type="application/json" id="gridsight-{name}">(.*?)</script>', text, re.DOTALL)
    assert found
    return json.loads(found.group(1))


def test_a_county_fits_in_five_megabytes(whole: Path) -> None:
    assert whole.stat().st_size <= pages.MAX_BYTES
    layers = embedded(whole.read_text(encoding="utf-8"), "data")["layers"]
    assert len(layers["grids"]["shapes"]) == 690
    assert len(layers["cameras"]["columns"]["id"]) == 7_071
    assert len(layers["gaps"]["columns"]["rank"]) == 9_000
    assert all(layers["gaps"]["shapes"])


def test_the_file_names_nothing_to_load(whole: Path) -> None:
    text = whole.read_text(encoding="utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text).group(1)
    assert "default-src &#39;none&#39;" in policy
    assert "connect-src &#39;none&#39;" in policy
    assert "unsafe" not in policy
    markup = re.sub(r"<(script|style)\b[^>]*>.*?</\1>", r"<\1>", text, flags=re.DOTALL)
    assert not re.search(r"""(src|href)=["'](?!#|data:)""", markup)
    assert not re.search(r"""<script[^>]*\ssrc=""", text)
    assert " style=" not in markup
    assert not re.search(r"\son\w+=", markup)


def test_the_same_data_give_the_same_file(tmp_path: Path) -> None:
    data = county(gaps=30, cameras=40)
    for name in ("a.html", "b.html"):
        pages.write_map(data, tmp_path / name)
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.html", "b.html"]


def test_names_of_strangers_never_become_markup(tmp_path: Path) -> None:
    path = tmp_path / "map.html"
    pages.write_map(county(gaps=30, cameras=40, hostile=True), path)
    text = path.read_text(encoding="utf-8")
    assert text.count("</script>") == len(re.findall(r"<script\b[^>]*>", text))
    assert "<img" not in text
    assert "<!--" not in text.replace("<\\!--", "")
    data = embedded(text, "data")
    assert data["layers"]["grids"]["columns"]["name"][0] == "</script><img src=x onerror=alert(1)>"
    assert data["layers"]["cameras"]["columns"]["id"][0] == "<img src=x onerror=alert(1)>"


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "map.html"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(UnknownName, match="no language fr"):
        pages.write_map(county(gaps=30, cameras=40), path, lang="fr")
    assert path.read_text(encoding="utf-8") == "old"
    assert len(list(tmp_path.iterdir())) == 1


def test_the_served_page_is_small_and_loads_from_this_host_only() -> None:
    text = pages.page(nonce="n-0_n", lang="en", run=None)
    assert len(text) < 84_000
    assert '<html lang="en">' in text
    assert "gridsight-data" not in text
    sources = re.findall(r'(?:src|href)="([^"]+)"', text)
    assert all(one.startswith(("/static/", "/prints/", "data:", "#")) for one in sources), sources
    # Whatever runs carries the nonce; data blocks do not run.
    for tag in re.findall(r"<script\b[^>]*>", text):
        assert 'nonce="n-0_n"' in tag or 'type="application/json"' in tag


@pytest.mark.parametrize("run", [None, "0198c3a2-7b1e-7c44-9d5a-3f1f6f0e2a11", "</script><script>alert(1)"])
def test_the_served_page_is_told_its_run(run: str | None) -> None:
    text = pages.page(nonce="n", lang="zh", run=run)
    config = embedded(text, "config")
    assert config["run"] == (run or "latest")
    assert config["mode"] == "served"
    assert '<html lang="zh-CN">' in text


def test_what_is_the_same_on_every_page_is_sent_once_and_named_by_its_content(monkeypatch: pytest.MonkeyPatch) -> None:
    text = pages.page(nonce="n", lang="zh", run=None)
    assert set(embedded(text, "config")) == {"mode", "lang", "run", "role", "user", "importBytes"}
    assert len(text) < 15_000
    script = assets.bundle_of(pages.SERVED_SCRIPTS)
    first, _, rest = script.partition(";\n")
    fixed = json.loads(first.removeprefix("window.gridsightFixed = "))
    assert fixed["words"]["gap"] == ["盲区", "Gap"]
    assert "gridsight" in rest
    # Other words are another address, so that no browser keeps the old ones.
    before = assets.bundle_version("app.js")
    monkeypatch.setattr(assets, "fixed_script", lambda: "window.gridsightFixed = {};\n")
    assets._bundle_version.cache_clear()
    assert assets.bundle_version("app.js") != before
    assets._bundle_version.cache_clear()


def test_the_policy_allows_no_foreign_host_and_no_eval() -> None:
    policy = dict(part.strip().split(" ", 1) for part in pages.csp("abc").split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self' 'nonce-abc'"
    assert policy["connect-src"] == "'self'"
    assert "unsafe" not in pages.csp("abc")
    assert "http" not in pages.csp("abc")


def test_every_word_the_page_uses_is_in_the_dictionary() -> None:
    page = pages.page(nonce="n", lang="zh", run=None)
    used = set(re.findall(r'data-(?:t|label|placeholder)="(\w+)"', page))
    for script in (pages.STATIC_DIR / "app").glob("*.js"):
        used |= set(re.findall(r'(?:gridsight\.t|\bt|tile)\("(\w+)"[,)]', script.read_text(encoding="utf-8")))
    used |= set(page_config.fixed()["cameraPopup"])
    assert len(used) > 80
    assert used <= set(WORDS), used - set(WORDS)


def test_both_languages_have_the_same_places_for_values() -> None:
    for key, (zh, en) in WORDS.items():
        assert zh, key
        assert en, key
        assert set(re.findall(r"\{\w+\}", zh)) == set(re.findall(r"\{\w+\}", en)), key
    assert word("gap", "zh") == "盲区"
    assert word("gap", "en") == "Gap"


def test_the_page_classes_are_those_of_the_sheet() -> None:
    config = page_config.fixed()
    assert config["edges"] == list(SHARE_EDGES)
    assert [one["code"] for one in config["classes"]] == [one.code for one in coverage_classes.CLASSES]


def test_own_scripts_use_neither_eval_nor_html_text_nor_newer_syntax() -> None:
    for script in sorted((pages.STATIC_DIR / "app").glob("*.js")):
        text = script.read_text(encoding="utf-8")
        assert script.stem in pages.SERVED_SCRIPTS
        called = text.replace("http://www.w3.org/2000/svg", "")  # the name of SVG elements, which nothing fetches
        assert not re.search(r"(inner|outer|Adjacent)HTML|document\.write|\beval\(|new Function|https?:", called), (
            script.name
        )
        # ES2017, for the older browsers of old machines.
        assert not re.search(r"\?\.[\w\[(]|\?\?|\{\s*\.\.\.", text), script.name


def test_a_map_of_cameras_alone_is_a_map(tmp_path: Path) -> None:
    data = county(gaps=30, cameras=40)
    empty: MapData = dataclasses.replace(
        data, zones={}, gaps=data.gaps.iloc[:0], views=None, possible=None, coverage=None, reference={}
    )
    pages.write_map(empty, tmp_path / "map.html")
    layers = embedded((tmp_path / "map.html").read_text(encoding="utf-8"), "data")["layers"]
    assert set(layers) == {"gaps", "cameras"}
