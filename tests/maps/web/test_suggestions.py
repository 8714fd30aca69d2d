"""Type in the search box of a served page: what the server suggests, by the keyboard, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.browser import Tab, opened
from tests.maps.county_data import county
from tests.maps.web.served import Answers, serving


@pytest.fixture
def answers() -> Answers:
    return Answers(county(gaps=30, cameras=30))


@pytest.fixture
def tab(chromium, answers: Answers) -> Iterator[Tab]:
    with serving(answers) as home, opened(chromium, home) as opened_tab:
        yield opened_tab.open()


def asked(answers: Answers) -> list[dict[str, list[str]]]:
    return [parse_qs(urlsplit(one).query) for one in answers.asked if one.startswith("/suggest?")]


def shown(tab: Tab) -> list[str]:
    return tab.page.locator("#search-results [role=option]").all_inner_texts()


def chosen(tab: Tab) -> str:
    """Return the option that the combobox says is active, which must be the only one that is selected."""
    name = tab.page.get_attribute("#search", "aria-activedescendant")
    selected = tab.page.locator("#search-results [aria-selected=true]")
    assert (selected.count(), selected.first.get_attribute("id")) == (1, name)
    return selected.first.inner_text()


def test_one_question_is_asked_after_a_pause_with_the_view(tab: Tab, answers: Answers) -> None:
    tab.page.focus("#search")
    tab.page.keyboard.type("gul")
    tab.until("document.querySelector('#search-results').innerText.includes('古浪县')")
    (query,) = asked(answers)
    _, lat, lon = tab.view()
    assert query["q"] == ["gul"]
    assert (float(query["lon"][0]), float(query["lat"][0])) == (
        pytest.approx(lon, abs=1e-3),
        pytest.approx(lat, abs=1e-3),
    )
    assert "拼音" in shown(tab)[0]
    assert tab.page.get_attribute("#search", "aria-expanded") == "true"


def test_the_keyboard_moves_opens_and_closes(tab: Tab, answers: Answers) -> None:
    page = tab.page
    page.focus("#search")
    page.keyboard.type("gu")
    tab.until("document.querySelectorAll('#search-results [role=option]').length === 4")
    assert chosen(tab).startswith("古浪县")
    page.keyboard.press("ArrowDown")
    grid = answers.data.zones["grids"].iloc[5]
    assert chosen(tab).startswith(grid["name"])
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert "按地址查找" in chosen(tab)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    tab.until("gridsight.selection")
    assert tab.selected() == f"grids:{grid.code}"
    assert page.is_hidden("#search-results")
    page.fill("#search", "gul")
    page.keyboard.press("Escape")
    page.wait_for_timeout(400)
    assert page.is_hidden("#search-results"), "an answer that comes later does not open the list again"
    assert page.get_attribute("#search", "aria-activedescendant") is None


def test_a_county_that_the_run_has_not_is_shown_where_it_is(tab: Tab) -> None:
    tab.page.fill("#search", "gul")
    tab.until("document.querySelector('#search-results').innerText.includes('古浪县')")
    tab.page.keyboard.press("Enter")
    tab.until("gridsight.selection")
    assert tab.selected() == "place:103.200000,37.500000"
    assert tab.page.inner_text(".leaflet-popup .pop-cause") == "县（市、区） 999999"
    assert not [one for one in tab.requests if "/locate" in one]


def test_a_street_is_looked_up_as_an_address_with_its_county_first(tab: Tab, answers: Answers) -> None:
    tab.page.fill("#search", "guj")
    tab.until("document.querySelector('#search-results').innerText.includes('古街路')")
    tab.page.keyboard.press("Enter")
    tab.until("gridsight.selection")
    (locate,) = [parse_qs(urlsplit(one).query) for one in answers.asked if one.startswith("/locate?")]
    assert locate == {"address": ["古浪县土门镇古街路"]}
    assert tab.selected() == f"grids:{answers.data.zones['grids'].code[5]}"


def test_why_is_said_in_english_too(tab: Tab) -> None:
    tab.page.click("#lang")
    tab.page.fill("#search", "gul")
    tab.until("document.querySelector('#search-results').innerText.includes('古浪县')")
    assert "by pinyin" in shown(tab)[0]


def test_nothing_is_asked_of_numbers_and_a_reader_who_may_not_ask(chromium, answers: Answers, tab: Tab) -> None:
    tab.page.fill("#search", "103.1, 37.6")
    tab.page.fill("#search", "#17")
    tab.page.wait_for_timeout(400)
    tab.page.wait_for_load_state("networkidle")  # what is still asked for would be refused to the public
    answers.role = "public"
    tab.open()
    tab.page.fill("#search", "gul")
    tab.page.wait_for_timeout(400)
    tab.page.wait_for_load_state("networkidle")
    assert asked(answers) == []
