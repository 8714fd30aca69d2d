"""Write the page of routes from the service's own OpenAPI document."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from api.main import create_app
from api.settings import Settings

#: Tag of a route -> heading; a tag without one is an error, so that no route is left out.
TAGS = {
    "locate": "归属 · Owners of places",
    "runs": "分析批次 · Runs",
    "previews": "试算 · Previews",
    "grids": "网格变动 · Changes of grids",
    "shapes": "图形 · Shapes",
    "networks": "可达与巡查 · Reach and patrol",
    "sightline": "通视 · Lines of sight",
    "ogc": "OGC API – Features",
    "tiles": "瓦片 · Tiles",
    "basemaps": "自有底图 · Base maps",
    "Processes": "OGC API – Processes",
    "imports": "导入预览 · Imports",
    "checks": "检查 · Checks",
    "prints": "图纸 · Prints",
    "verify": "核对报告 · Reports checked",
}


def document() -> dict[str, Any]:
    """Return the OpenAPI document of a service without data."""
    with tempfile.TemporaryDirectory() as folder:
        return create_app(Settings(workspace=Path(folder) / "none.gpkg")).openapi()


def page() -> str:
    """Return the routes, by subject, each with its parameters, body and answers."""
    api = document()
    by_tag: dict[str, list[str]] = {tag: [] for tag in TAGS}
    for path, operations in api["paths"].items():
        for method, operation in operations.items():
            by_tag[operation["tags"][0]] += _operation(method.upper(), path, operation)
    out = []
    for tag, lines in by_tag.items():
        out += [f"## {TAGS[tag]}", "", *lines]
    return "\n".join(out)


def _operation(method: str, path: str, operation: dict[str, Any]) -> list[str]:
    out = [f"### `{method} {path}`", "", _plain(operation.get("description") or operation["summary"]), ""]
    parameters = operation.get("parameters", [])
    if parameters:
        out += ["| 参数 parameter | 位置 in | 类型 type | 必需 required | 含义 meaning |", "|---|---|---|---|---|"]
        for one in parameters:
            schema = one.get("schema", {})
            says = _plain(one.get("description") or schema.get("description") or "")
            required = "是 yes" if one.get("required") else ""
            out.append(f"| `{one['name']}` | {one['in']} | {_type(schema)} | {required} | {says} |")
        out.append("")
    if "requestBody" in operation:
        kinds = ", ".join(f"`{kind}`" for kind in operation["requestBody"]["content"])
        out += [f"内容 body：{kinds}", ""]
    answers = [
        f"`{status}` {', '.join(f'`{kind}`' for kind in answer.get('content', {}))}".strip()
        for status, answer in operation["responses"].items()
        if not _is_framework_error(answer)
    ]
    return [*out, f"回答 answers：{'；'.join(answers)}", ""]


def _is_framework_error(answer: dict[str, Any]) -> bool:
    """Return whether an answer is the one FastAPI adds by itself; ours are problems, told in docs/api.md."""
    schemas = (content.get("schema", {}) for content in answer.get("content", {}).values())
    return any(schema.get("$ref", "").endswith("/HTTPValidationError") for schema in schemas)


def _type(schema: dict[str, Any]) -> str:
    """Return the type of a parameter in words: ``number``, ``string (date)``, ``A4, A3``."""
    kinds = [one for one in schema.get("anyOf", [schema]) if one.get("type") != "null"]
    words = []
    for one in kinds:
        if "enum" in one:
            words.append(", ".join(f"`{value}`" for value in one["enum"]))
        else:
            form = f" ({one['format']})" if "format" in one else ""
            words.append(f"{one.get('type', 'any')}{form}")
    default = schema.get("default")
    return _plain(" / ".join(words)) + (f"，默认 default `{default}`" if default is not None else "")


def _plain(text: str) -> str:
    """Return a description as one paragraph of Markdown; code in backquotes stays."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "\\<").replace("{", "\\{").replace("[", "\\[")
