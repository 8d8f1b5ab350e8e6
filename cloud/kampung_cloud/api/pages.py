"""The built pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Response
from fastapi.responses import FileResponse, HTMLResponse
from fastapi.staticfiles import StaticFiles

PAGES = {
    "/": "kabupaten.html",
    "/petugas": "petugas.html",
    "/tani": "tani.html",
    "/lapor": "lapor.html",
    "/tinjau": "tinjau.html",
    "/data-terbuka": "terbuka.html",
    "/udara": "udara.html",
    "/periksa": "periksa.html",
    "/pohon": "pohon.html",
    "/pohon/{code}": "pohon.html",
}

NOT_BUILT = """<!doctype html>
<html lang="id"><meta charset="utf-8"><title>Smart Kampung</title>
<h1>Halaman belum dibangun</h1>
<p>Jalankan <code>make setup</code>, lalu muat ulang. API ada di <a href="/api/v1/healthz">/api/v1</a>.</p>
<p lang="en">The pages are not built yet: run <code>make setup</code> and load again.</p>
"""


WORKERS = frozenset({"tani-sw.js", "pohon-sw.js"})
"""Service workers of the farmers' and the trees' page: they keep their names, and work for the whole site."""


class _Assets(StaticFiles):
    """Their names change with their content, so a browser may keep them; but for the service worker."""

    def file_response(self, full_path: Any, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(full_path, *args, **kwargs)
        if Path(full_path).name in WORKERS:
            response.headers.update({"Cache-Control": "no-cache", "Service-Worker-Allowed": "/"})
        else:
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def install(app: FastAPI, folder: Path) -> None:
    """Serve what the UI's build left in ``folder``, whether it is built now or later."""
    app.mount("/assets", _Assets(directory=folder / "assets", check_dir=False), name="assets")
    for path, name in PAGES.items():
        app.add_api_route(path, _page(folder / name), include_in_schema=False, response_class=Response)


FIRST = {"tani.html": "/api/v1/farming/today?village={village}"}
"""What a page asks first, by its file: the browser is told of it with the page, and fetches it beside the page's own files."""
CODE = re.compile(r"\d{2}\.\d{2}\.\d{2}\.\d{4}")


def _page(file: Path) -> Callable[[], Response]:
    first = FIRST.get(file.name)

    def page(village: str = "") -> Response:
        if file.is_file():
            headers = {"Cache-Control": "no-cache"}
            if first is not None and CODE.fullmatch(village):
                headers["Link"] = f"<{first.format(village=village)}>; rel=preload; as=fetch; crossorigin"
            return FileResponse(file, headers=headers)
        return HTMLResponse(NOT_BUILT, headers={"Cache-Control": "no-store"})

    return page
