"""Configure Sphinx for the documentation site; its source is the top of the repository, so that links hold in both."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

project = "格眼 Gridsight"
version = release = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "scripts.docs_site.site"]

# --- pages ------------------------------------------------------------------------------------------------------------
root_doc = "docs/README"
include_patterns = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "docs/**"]
# Folders are pruned before they are walked: .venv alone has tens of thousands of files.
exclude_patterns = sorted(path.name for path in ROOT.iterdir() if path.is_dir() and path.name != "docs")
myst_enable_extensions = ["attrs_inline", "dollarmath"]
myst_heading_anchors = 4
# Anchors written as HTML are not known to the parser; scripts/docs_site/links.py checks every link of the built pages.
suppress_warnings = ["myst.xref_missing", "myst.header"]

# --- names of the engine ----------------------------------------------------------------------------------------------
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
autodoc_member_order = "bysource"
napoleon_google_docstring = False
# What is returned is told in plain sentences, which napoleon would take for the name of a type.
napoleon_custom_sections = ["Returns"]
add_module_names = False
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 88
toc_object_entries_show_parents = "hide"
# A docstring names code in `single` backquotes now and then.
default_role = "code"

# --- the look: nothing from another host ------------------------------------------------------------------------------
language = "zh_CN"
html_search_language = "zh"
html_theme = "furo"
html_title = f"格眼 Gridsight {version}"
html_copy_source = False
html_show_copyright = False
# A page opened from a folder may not read another page, which a summary of a result would need.
html_show_search_summary = False
html_static_path = ["site"]
html_css_files = ["site.css"]
_FONTS = '"Noto Sans CJK SC", "Noto Sans SC", "Microsoft YaHei", "PingFang SC", "Segoe UI", Helvetica, sans-serif'
# The colour of names and links: on a light page, on a dark one.
_LIGHT_BRAND, _DARK_BRAND = "#0b5c8a", "#6fb6dd"
html_theme_options = {
    f"{theme}_css_variables": {"font-stack": _FONTS, "color-brand-primary": brand, "color-brand-content": brand}
    for theme, brand in (("light", _LIGHT_BRAND), ("dark", _DARK_BRAND))
}
