"""Files of the page and the chat: read once, compressed once, checked by ETag at every use."""

from __future__ import annotations

import gzip
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from channels.errors import ApiError

STATIC = Path(__file__).with_name("static")
TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".html": "text/html; charset=utf-8",
}


@dataclass(frozen=True)
class Asset:
    """One file, plain and gzipped."""

    content: bytes
    packed: bytes
    etag: str
    media_type: str


def to_asset(content: bytes, media_type: str) -> Asset:
    digest = hashlib.sha256(content).hexdigest()[:20]
    return Asset(content, gzip.compress(content, 9, mtime=0), f'W/"{digest}"', media_type)


def load_assets(chat_words: dict[str, str], folder: Path = STATIC) -> dict[str, Asset]:
    """By path under /static/. The chat's words are a module too: words.yml stays the only place for them."""
    assets = {
        str(path.relative_to(folder)): to_asset(path.read_bytes(), TYPES[path.suffix])
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix in TYPES
    }
    words = "export default " + json.dumps(chat_words, ensure_ascii=False, indent=1) + ";\n"
    assets["chat/words.js"] = to_asset(words.encode(), TYPES[".js"])
    return assets


def respond(request: Request, asset: Asset, cache: str = "no-cache") -> Response:
    headers = {"Cache-Control": cache, "ETag": asset.etag, "Vary": "Accept-Encoding"}
    if asset.etag in request.headers.get("if-none-match", ""):
        return Response(None, 304, headers)
    if "gzip" in request.headers.get("accept-encoding", "").lower():
        return Response(asset.packed, 200, {**headers, "Content-Encoding": "gzip"}, asset.media_type)
    return Response(asset.content, 200, headers, asset.media_type)


async def static(request: Request) -> Response:
    assets: dict[str, Asset] = request.app.state.assets
    asset = assets.get(request.path_params["path"])
    if asset is None:
        raise ApiError(404, "not_found")
    return respond(request, asset)
