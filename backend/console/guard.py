"""What every console request passes: right host, right origin, and headers that refuse the rest."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.console.words import say

# The console listens on loopback; any other name in the Host header means DNS rebinding.
HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # no-referrer would turn the Origin of a form into "null"
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def is_known_host(host: str) -> bool:
    try:
        return urlsplit(f"//{host}").hostname in HOSTS
    except ValueError:
        return False


def is_same_origin(headers: Headers, scheme: str) -> bool:
    """True when the browser says that the request comes from this very site."""
    own = f"{scheme}://{headers.get('host', '')}"
    origin = headers.get("origin")
    if origin is not None:
        return origin == own
    if "sec-fetch-site" in headers:
        return headers["sec-fetch-site"] in ("same-origin", "none")
    parts = urlsplit(headers.get("referer", ""))
    return f"{parts.scheme}://{parts.netloc}" == own


class ConsoleGuard:
    """ASGI middleware around the console."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def hardened(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(_HEADERS)
                if "cache-control" not in headers:
                    headers["Cache-Control"] = "no-store"
            await send(message)

        refusal = self._refusal(Headers(scope=scope), scope)
        await (refusal or self.app)(scope, receive, hardened)

    def _refusal(self, headers: Headers, scope: Scope) -> PlainTextResponse | None:
        if not is_known_host(headers.get("host", "")):
            return PlainTextResponse(say("refused.host"), status_code=400)
        if scope["method"] not in ("GET", "HEAD") and not is_same_origin(headers, scope["scheme"]):
            return PlainTextResponse(say("refused.origin"), status_code=403)
        return None
