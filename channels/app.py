"""The public application: page, chat API, health. The inner door is another application (inner.py)."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount, Route

from channels import api
from channels.assets import load_assets, static
from channels.edge import Edge, handlers
from channels.gateway import Gateway
from channels.health import Health, healthz
from channels.page import Page, home
from channels.stream import stream


def build(gateway: Gateway) -> Starlette:
    conversation = "/conversations/{conversation_id}"
    version_1 = [
        Route("/conversations", api.create, methods=["POST"]),
        Route(conversation, api.delete, methods=["DELETE"]),
        Route(f"{conversation}/messages", api.say, methods=["POST"]),
        Route(f"{conversation}/messages", api.history, methods=["GET"]),
        Route(f"{conversation}/stream", stream, methods=["GET"]),
    ]
    app = Starlette(
        routes=[
            Route("/", home),
            Route("/healthz", healthz),
            Route("/static/{path:path}", static),
            Mount("/api/v1", routes=version_1),
        ],
        middleware=[Middleware(Edge)],
        exception_handlers=handlers(gateway.words.errors),
    )
    app.state.gateway = gateway
    app.state.health = Health(gateway)
    app.state.page = Page(gateway)
    app.state.assets = load_assets(gateway.words.chat)
    return app
