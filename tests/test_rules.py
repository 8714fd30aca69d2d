"""Hold docs/rules.md to itself and to whoever cites it: every cited number is there, in both languages."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
RULES = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
CONTRACT = (ROOT / "docs" / "contract.md").read_text(encoding="utf-8")

# --- the page ---------------------------------------------------------------------------------------------------------

_RULE = re.compile(r"^- \*\*([A-Z]\d+|Zones)\*\* (.*(?:\n(?!- |<|#|\n).*)*)", re.M)
_SECTION = re.compile(r"^### (.*)$", re.M)
_NOT_YET = re.compile(r"^\| ([A-Z]\d*)(?:–[A-Z](\d+))? \|", re.M)


def halves(page: str) -> tuple[str, str]:
    """Return the Chinese and the English half of a page."""
    chinese, english = page.split("\n## English\n")
    return chinese.split("\n## 中文\n")[1], english


def rules_of(half: str) -> dict[str, str]:
    """Return number -> text of the rules of one half; raise where a number is given twice."""
    found = _RULE.findall(half)
    assert len(found) == len(dict(found)), "a rule stands twice"
    return dict(found)


def letters_of(half: str) -> dict[str, str]:
    """Return heading -> letter of the numbered sections of one half."""
    headings = {heading: re.search(r"[(（]([A-Z])[)）]", heading) for heading in _SECTION.findall(half)}
    return {heading: letter[1] for heading, letter in headings.items() if letter}


def numbers_there(page: str) -> set[str]:
    """Return all that can be cited of the rules: their numbers, the letters of the sections, and Zones."""
    _, english = halves(page)
    return {*rules_of(english), *letters_of(english).values()}


def not_yet(half: str) -> set[str]:
    """Return the rules, or letters of sections, that the page says are not followed yet."""
    out: set[str] = set()
    for first, last in _NOT_YET.findall(half):
        end = int(last or first[1:] or 0)
        out |= {f"{first[0]}{n}" for n in range(int(first[1:]), end + 1)} if first[1:] else {first}
    return out


def test_both_halves_have_the_same_rules_in_the_same_order() -> None:
    chinese, english = (list(rules_of(half)) for half in halves(RULES))
    assert chinese == english
    assert len(english) > 50


def test_rules_are_numbered_without_a_gap_under_their_letter() -> None:
    for half in halves(RULES):
        letters = letters_of(half)
        counts = Counter(number[0] for number in rules_of(half) if number != "Zones")
        assert set(counts) == set(letters.values())
        for letter, count in counts.items():
            assert {f"{letter}{n}" for n in range(1, count + 1)} <= set(rules_of(half)), letter
        for heading, letter in letters.items():
            part = re.split(r"^### ", half.split(f"### {heading}\n")[1], flags=re.M)[0]
            assert {number[0] for number in rules_of(part)} == {letter}, heading


def test_each_rule_has_one_anchor_in_each_half() -> None:
    anchors = re.findall(r'<a id="([^"]+)"></a>', RULES)
    assert len(anchors) == len(set(anchors))
    for number in rules_of(halves(RULES)[1]):
        assert {number.lower(), f"{number.lower()}-en"} <= set(anchors), number


def test_both_halves_name_the_same_things() -> None:
    """Names of the program, other rules and decimal numbers are the same in Chinese and English."""
    chinese, english = (rules_of(half) for half in halves(RULES))
    differing = {}
    for number in english:
        for pattern in (r"`([^`\n]+)`", r"\b([A-Z]\d+)\b", r"(?<![\w.])(\d[\d,]*\.\d+)"):
            zh, en = (Counter(re.findall(pattern, half[number])) for half in (chinese, english))
            if zh != en:
                differing[number, pattern] = (dict(zh - en), dict(en - zh))
    assert differing == {}


def test_what_holds_later_is_said_to_be_missing() -> None:
    """A rule marked since a later version stands in the list on top, in both halves.

    Rules of the version that is being made may be kept already.
    """
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    now = tuple(int(part) for part in version.split("."))
    next_one = (now[0], now[1] + 1)
    chinese, english = halves(RULES)
    assert not_yet(chinese) == not_yet(english)
    assert not_yet(english) <= numbers_there(RULES)
    later: set[str] = set()
    for heading, letter in letters_of(english).items():
        since = re.search(r"since (\d+)\.(\d+)", heading)
        if since and (int(since[1]), int(since[2])) > next_one:
            later |= {number for number in rules_of(english) if number[0] == letter}
    for number, text in rules_of(english).items():
        since = re.search(r"[Ss]ince (\d+)\.(\d+)", text)
        if since and (int(since[1]), int(since[2])) > next_one:
            later.add(number)
    assert later <= not_yet(english), sorted(later - not_yet(english))
    for number, text in rules_of(english).items():
        marks = sorted(re.findall(r"since (\d+\.\d+)", text.lower()))
        assert sorted(re.findall(r"自 (\d+\.\d+) 起", rules_of(chinese)[number])) == marks, number


# --- who cites it -----------------------------------------------------------------------------------------------------


class Citation(NamedTuple):
    """Say that a file cites a rule by its number, a section of the rules by its letter, or the contract by section."""

    file: str
    line: int
    number: str


_NUMBER = r"[A-Z]\d{1,2}(?![\w%])"
_BETWEEN = r"(?:\s*[,/–、-]\s*(?:and\s+)?|\s+(?:and|or|to)\s+|\s*[和与至及]\s*)"
_ITEM = rf'(?:{_NUMBER}|[A-Z](?=[\s,;.)\]]|$)|"?Zones"?)'
#: A list after the word: "rule R3", "rules C3, D, Zones", "docs/rules.md "Zones"", "规则 B1".
_MARKED = re.compile(rf"(?:\b[Rr]ules?(?:\.md)?\b|规则),?\s*({_ITEM}(?:{_BETWEEN}{_ITEM})*)")
#: A number by itself in prose: "(U5)", "R1-R3", "C2 allows". Numbers of rules are small, hex digits and lint codes not.
_BARE_NUMBER = r"(?<![\w.+#%/=:$-])[{letters}](?:1\d|[1-9])(?![\w%]|\.\d|[- ](?:norm|paper)\b|\s*纸)"
_CONTRACT = re.compile(r"contract(?:\.md)?[,\s]+sections?\s+(\d(?:\s*(?:,|and)\s*\d)*)|契约第\s*(\d)\s*节")
_RULE_SECTION = re.compile(r"rules(?:\.md)?, section (\w+)")
_LOCAL = re.compile(r"^\s*([A-Z]\d{1,2})\. \S", re.M)
_INLINE_CODE = re.compile(r"``[^`]*``|`[^`\n]*`")
_HOLDERS = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
_FENCE = re.compile(r"^```.*?^```", re.M | re.S)


def cited(prose: str, letters: str) -> Iterator[str]:
    """Yield the numbers that a piece of prose cites, ranges written out; ``letters`` may stand without "rule"."""
    prose = _INLINE_CODE.sub("`", prose)
    for match in _MARKED.finditer(prose):
        yield from _listed(match[1])
    if letters:
        number = _BARE_NUMBER.replace("{letters}", letters)
        rest = _MARKED.sub(" ", prose)
        for match in re.finditer(rf"{number}(?:{_BETWEEN}{_NUMBER})*", rest):
            yield from (one for one in _listed(match[0]) if one[0] in letters)
    yield from cited_sections(prose)


def cited_sections(prose: str) -> Iterator[str]:
    """Yield sections of the contract as ``contract 4``, and named sections of the rules as ``section Seeing``."""
    for match in _CONTRACT.finditer(prose):
        yield from (f"contract {n}" for n in re.findall(r"\d", match[1] or match[2]))
    for match in _RULE_SECTION.finditer(prose):
        yield f"section {match[1]}"


def _listed(text: str) -> Iterator[str]:
    items = list(re.finditer(_ITEM, text))
    last = ""
    for k, item in enumerate(items):
        number = item[0].strip('"')
        between = text[items[k - 1].end() : item.start()] if k else ""
        is_range = bool(re.search(r"[–-]|\bto\b|至", between)) and last[:1] == number[:1] and last[1:] and number[1:]
        first = int(last[1:]) + 1 if is_range else None
        yield from [f"{number[0]}{n}" for n in range(first, int(number[1:]) + 1)] if first is not None else [number]
        last = number


def _of_python(text: str, letters: str) -> Iterator[tuple[int, str, str]]:
    """Yield (line, prose, letters that may stand alone) of comments, docstrings and other texts."""
    nodes = list(ast.walk(ast.parse(text)))
    docs = {id(node.body[0].value): node for node in nodes if isinstance(node, _HOLDERS) and ast.get_docstring(node)}
    own = _LOCAL.findall(ast.get_docstring(nodes[0]) or "")
    alone = letters + "".join({number[0] for number in own})
    bound = _bound(nodes)
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, _without(node.value, bound), alone if id(node) in docs else ""
    for line, comment in _comments(text):
        yield line, _without(comment, bound), alone


def _comments(text: str) -> Iterator[tuple[int, str]]:
    """Yield the first line and the words of each comment, lines that follow each other joined."""
    block: list[str] = []
    begun = end = 0
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type != tokenize.COMMENT:
            continue
        stands_alone = not token.line[: token.start[1]].strip()
        if block and not (stands_alone and token.start[0] == end + 1):
            yield begun, " ".join(block)
            block = []
        begun = begun if block else token.start[0]
        block.append(token.string.lstrip("#: "))
        end = token.start[0]
    if block:
        yield begun, " ".join(block)


def _bound(nodes: list[ast.AST]) -> set[str]:
    """Return the names that a module gives a meaning of its own: G1 may be a grid of its drawing."""
    names = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    names |= {one.asname or one.name for node in nodes if isinstance(node, ast.ImportFrom) for one in node.names}
    return {name for name in names if re.fullmatch(_NUMBER, name)}


def _without(prose: str, names: set[str]) -> str:
    return re.sub(rf"\b(?:{'|'.join(sorted(names))})\b", "_", prose) if names else prose


def _of_page(text: str, letters: str) -> Iterator[tuple[int, str, str]]:
    text = _FENCE.sub(lambda fence: "\n" * fence[0].count("\n"), text)
    for line, prose in enumerate(text.split("\n"), start=1):
        yield line, re.sub(r"^- \*\*\w+\*\* ", "", prose), letters


def _of_script(text: str, mark: str, letters: str) -> Iterator[tuple[int, str, str]]:
    for line, prose in enumerate(text.split("\n"), start=1):
        code, found, comment = prose.partition(mark)
        if found and not code.rstrip().endswith((":", "'", '"')):
            yield line, comment, letters


def citations(root: Path, letters: str) -> list[Citation]:
    """Return every citation in code, tests, scripts, deployment files and documents."""
    out: list[Citation] = []
    bare = _BARE_NUMBER.replace("{letters}", "A-Z")
    may_cite = re.compile(f"{_MARKED.pattern}|{_CONTRACT.pattern}|{_RULE_SECTION.pattern}|{bare}")
    for path in _files(root):
        text = path.read_text(encoding="utf-8")
        if not may_cite.search(text):
            continue
        if path.suffix == ".py":
            pieces = _of_python(text, letters)
        elif path.suffix == ".md":
            pieces = _of_page(text, letters)
        else:
            mark = {".js": "//", ".sql": "-- "}.get(path.suffix, "#")
            pieces = _of_script(text, mark, letters if path.suffix == ".js" else "")
        name = str(path.relative_to(root))
        out += [Citation(name, line, number) for line, prose, alone in pieces for number in cited(prose, alone)]
    return out


def _files(root: Path) -> list[Path]:
    kinds = {".py", ".js", ".sql", ".md", ".toml", ".sh", ".yaml", ".service", ".conf"}
    homes = ("geo", "maps", "api", "migrations", "tests", "docs", "scripts", "deploy")
    found = [path for home in homes for path in (root / home).rglob("*") if path.suffix in kinds]
    found += [path for path in root.glob("*") if path.suffix in {".md", ".toml"} or path.name == "Makefile"]
    skipped = {"vendor", "__pycache__", "data"}
    return sorted(path for path in found if not skipped & set(path.parts) and path != Path(__file__))


def unknown(given: Iterable[Citation], rules: str, contract: str) -> list[Citation]:
    """Return the citations of what neither page has, nor the docstring of a module that states rules of its own."""
    there = numbers_there(rules) | _local_rules()
    there |= {
        f"section {word}" for heading in _SECTION.findall(halves(rules)[1]) for word in re.findall(r"\w+", heading)
    }
    there |= {f"contract {n}" for n in set.intersection(*(sections_of(half) for half in halves(contract)))}
    return [one for one in given if one.number not in there]


def sections_of(half: str) -> set[str]:
    """Return the numbers of the sections of one half of the contract."""
    return {heading.split(".")[0] for heading in _SECTION.findall(half)}


@cache
def _local_rules() -> set[str]:
    out: set[str] = set()
    taken = set(letters_of(halves(RULES)[1]).values())
    for home in ("geo", "maps", "api"):
        for path in (ROOT / home).rglob("*.py"):
            doc = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
            out |= {number for number in _LOCAL.findall(doc) if number[0] not in taken}
    return out


LETTERS = "".join(letters_of(halves(RULES)[1]).values())


@cache
def found() -> tuple[Citation, ...]:
    """Return the citations of the whole tree, looked for once."""
    return tuple(citations(ROOT, LETTERS))


def test_every_cited_rule_and_section_is_there() -> None:
    missing = unknown(found(), RULES, CONTRACT)
    assert not missing, "\n".join(f"{one.file}:{one.line} cites {one.number}" for one in missing)


def test_citations_are_found_where_they_stand() -> None:
    """The search sees code, messages, scripts, tests and documents: enough of them, of each kind."""
    rules = [one for one in found() if not one.number.startswith(("contract", "section"))]
    homes = Counter(Path(one.file).parts[0] for one in rules)
    assert all(homes[home] > 20 for home in ("geo", "maps", "tests", "docs")), homes
    assert any(one.file.endswith(".js") for one in rules)
    assert len(found()) - len(rules) > 50
    places = {(one.file.rsplit("/", 1)[-1], one.number) for one in found()}
    assert {("locating.js", "L3"), ("locate.py", "L"), ("seeing.md", "R5"), ("problems.py", "contract 3")} <= places


def test_every_rule_that_is_followed_is_cited_in_code() -> None:
    """A rule that no module cites is one that nobody can find in the code."""
    followed = set(rules_of(halves(RULES)[1])) - not_yet(halves(RULES)[1])
    in_code = {one.number for one in found() if one.file.split("/")[0] in {"geo", "maps", "api"}}
    assert followed <= in_code, sorted(followed - in_code)


def test_the_two_pages_are_cited_by_their_names() -> None:
    """One way to write it, by which the page is found: docs/contract.md section 3, docs/rules.md "Zones", rule R3."""
    other_ways = re.compile(r"\b(?:CONTRACT,? sections?|RULES,? (?:section|\"|[A-Z]\d))")
    assert other_ways.search("(CONTRACT section 3)")
    assert other_ways.search('RULES "Zones"')
    in_other_ways = [path for path in _files(ROOT) if other_ways.search(path.read_text(encoding="utf-8"))]
    assert in_other_ways == []


@pytest.mark.parametrize("number", ["R4", "C2", "U5", "B1", "D3", "G2", "L3", "Zones"])
def test_a_rule_that_is_taken_out_is_missed(number: str) -> None:
    text = _RULE.sub(lambda rule: "" if rule[1] == number else rule[0], RULES)
    assert {one.number for one in unknown(found(), text, CONTRACT)} == {number}


def test_a_section_that_is_taken_out_is_missed() -> None:
    text = CONTRACT.replace("### 5. Rights (server)", "Rights (server)")
    assert {one.number for one in unknown(found(), RULES, text)} == {"contract 5"}


@pytest.mark.parametrize(
    ("prose", "expected"),
    [
        ("as rule R3 says", ["R3"]),
        ("(rules U4, U5)", ["U4", "U5"]),
        ("(B1)", ["B1"]),
        ("rules R1-R3, C2 and L1", ["R1", "R2", "R3", "C2", "L1"]),
        ("rules C3, D, Zones", ["C3", "D", "Zones"]),
        ('figures (docs/rules.md "Zones")', ["Zones"]),
        ('see docs/rules.md "Zones"; docs/rules.md, R3-R5', ["Zones", "R3", "R4", "R5"]),
        ("按规则 B1 移出；见（D1–D3）", ["B1", "D1", "D2", "D3"]),
        ("B1 to B3: cameras", ["B1", "B2", "B3"]),
        ("Rule X9 is no rule", ["X9"]),
        ("R99 is too far, as is rule R99", ["R99"]),
        ("(docs/contract.md sections 4 and 5)", ["contract 4", "contract 5"]),
        ("docs/contract.md section 3; 契约第 2 节", ["contract 3", "contract 2"]),
        ("in rising order (rules, section Seeing)", ["section Seeing"]),
        ("an R-tree, an R*Tree and the L2 norm", []),
        ("U+0041, #E5E5E5, S101, C901, EPSG:4326", []),
        ("on A3 paper, on B5 paper, p95 and P95", []),
        ("the square ``C4`` or `B5` of a sheet", []),
        ("as a rule the first; layers with rules of their own; 行级规则由数据库执行", []),
        ("version D1.2 of E2E tests, x=B4", []),
    ],
)
def test_what_counts_as_a_citation(prose: str, expected: list[str]) -> None:
    assert list(cited(prose, LETTERS)) == expected
