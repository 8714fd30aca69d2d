"""Frame the body of a small HTML page: sign-in, lists of errors, JSON shown to readers."""

from __future__ import annotations

import html
import secrets
from collections.abc import Mapping

from fastapi.responses import HTMLResponse

from maps.style.words import language_tag


def html_response(
    heading: str,
    body: str,
    language: str,
    *,
    style: str,
    title: str = "",
    head: str = "",
    is_wide: bool = False,
    policy: str = "",
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """Return a page that may load nothing but its own style.

    Parameters
    ----------
    heading
        Text of its heading, and of its title where ``title`` gives no other.
    body, head
        HTML beneath the heading, and of the head.
    language
        ``zh`` or ``en``.
    style
        CSS; ``body.wide`` is a page with ``is_wide``.
    policy
        Directives that its content security policy has beside those of every page.
    """
    nonce = secrets.token_urlsafe(18)
    wide = ' class="wide"' if is_wide else ""
    text = (
        f'<!doctype html><html lang="{language_tag(language)}"><head><meta charset="utf-8">{head}'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><title>{html.escape(title or heading)}'
        f'</title><style nonce="{nonce}">{style}</style></head><body{wide}><h1>{html.escape(heading)}</h1>{body}'
        "</body></html>"
    )
    directives = f"default-src 'none'; style-src 'nonce-{nonce}'; base-uri 'none'; frame-ancestors 'none'"
    page_headers = {"Content-Security-Policy": f"{directives}; {policy}" if policy else directives, **(headers or {})}
    return HTMLResponse(text, status, headers=page_headers)
