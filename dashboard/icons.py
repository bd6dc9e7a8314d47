"""Our own icons. Streamlit strips SVG from HTML and would fetch an icon font, so they are
masks in the stylesheet, in the colour of the text around them."""

from __future__ import annotations

from urllib.parse import quote

_PATHS = {
    "check": '<path d="M3 8.5l3.2 3.2L13 4.8"/>',
    "warning": '<path d="M8 2.2 14.4 13.4H1.6Z"/><path d="M8 6.4v3.2M8 11.4v.1"/>',
    "error": '<circle cx="8" cy="8" r="6"/><path d="M8 4.8v3.8M8 11v.1"/>',
    "info": '<circle cx="8" cy="8" r="6"/><path d="M8 7.4v3.8M8 4.9v.1"/>',
    "download": '<path d="M8 2.4v7.4M4.8 7 8 10.2 11.2 7M2.8 13.2h10.4"/>',
    "running": '<path d="M13.4 8A5.4 5.4 0 1 1 8 2.6"/><path d="M8 5v3l2 1.4"/>',
}


def icon(name: str) -> str:
    """An icon of one em."""
    return f'<span class="mb-icon mb-icon-{name}" aria-hidden="true"></span>'


def icon_css() -> str:
    """The rules that draw the icons."""
    return "\n".join(
        f'.mb-icon-{name} {{ --mb-shape: url("data:image/svg+xml,{quote(_svg(paths))}"); }}'
        for name, paths in _PATHS.items()
    )


def _svg(paths: str) -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" fill="none" stroke="#000" '
        f'stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round">{paths}</svg>'
    )
