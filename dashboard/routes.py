"""The dashboard's own HTTP routes beside Streamlit's: health, signed downloads, uploads."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from dashboard import context, downloads, identity, privacy_api, upload_routes
from dashboard.asking import ASKING
from matchbook import audit

NO_STORE = {"Cache-Control": "no-store", "Content-Security-Policy": "default-src 'none'; sandbox"}


def health(_request: Request) -> Response:
    """For load balancers and `make demo`: the process answers."""
    return JSONResponse({"status": "ok"}, headers=NO_STORE)


def download(request: Request) -> Response:
    """A file to the person the link was made for, if they may see its client; written down."""
    settings = context.settings()
    try:
        found = downloads.open_link(settings, request.path_params["token"])
    except downloads.LinkRefused:
        return _refused("This link is no longer valid. Go back, reload the page and try again.")
    if not identity.may_see(settings, found.client_id):
        identity.refused(settings, found.client_id, f"the download {found.file_name}")
        return _refused("This file belongs to a client you cannot see.")
    if not found.path.is_file():
        return PlainTextResponse(
            "This file is gone. Go back and reload the page.", 404, headers=NO_STORE
        )
    audit.record(
        settings, actor=identity.who(), client_id=found.client_id, action="download",
        subjects=found.rows, about=found.file_name,
    )  # fmt: skip
    return FileResponse(
        found.path, media_type=found.media_type, filename=found.file_name, headers=NO_STORE
    )


def _refused(message: str) -> Response:
    return PlainTextResponse(message, 403, headers=NO_STORE)


ROUTES = [
    Route("/healthz", health, methods=["GET"]),
    Route("/download/{token}", download, methods=["GET"], middleware=ASKING),
    *upload_routes.ROUTES,
    *privacy_api.ROUTES,
]
