"""Write the colours of the palette as the variables of the page's style sheet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from geo.catalog.palette import PAGE, PRINTED_PAGE


def page_colours() -> str:
    """Return the style sheet that declares every colour variable of the page's style sheets: light, dark and on paper.

    The page is dark where its root says so, and where the system is dark and the root does not say light.
    """
    dark = _declarations(asdict(PAGE["dark"]), scheme="dark")
    return (
        f":root {{ {_declarations(asdict(PAGE['light']), scheme='light')} }}\n"
        f':root[data-theme="dark"] {{ {dark} }}\n'
        f'@media (prefers-color-scheme: dark) {{ :root:not([data-theme="light"]) {{ {dark} }} }}\n'
        f'@media print {{ :root, :root[data-theme="dark"] {{ {_declarations(PRINTED_PAGE)} }} }}'
    )


def _declarations(colours: Mapping[str, str], *, scheme: str = "") -> str:
    variables = " ".join(f"--{name.replace('_', '-')}: {colour};" for name, colour in colours.items())
    return f"color-scheme: {scheme}; {variables}" if scheme else variables
