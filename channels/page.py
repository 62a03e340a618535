"""The help page: every row readable without JavaScript, the chat beside it with."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import Response

from channels.api import gateway_of
from channels.assets import TYPES, respond, to_asset
from channels.gateway import Gateway
from channels.markup import to_markup
from channels.words import filled

# Loaded with the page instead of one after the other.
MODULES = ("page.js", "chat/element.js", "chat/session.js", "chat/api.js", "chat/view.js", "chat/tabs.js",
           "chat/text.js", "chat/words.js")  # fmt: skip


class Page:
    """Renders `help.html.j2` from howto.json, policy words and words.yml."""

    def __init__(self, gateway: Gateway) -> None:
        policy = gateway.policy.words()
        days = {"retention_days": f"{gateway.options.retention_days:g}"}
        environment = Environment(
            loader=FileSystemLoader(Path(__file__).with_name("templates")),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.filters["markup"] = to_markup
        self._template = environment.get_template("help.html.j2")
        self._howto = gateway.howto
        self._policy = policy
        self._words = {
            name: filled(text, {**policy, **days, "title": "{title}"})
            for name, text in gateway.words.page.items()
        }

    def render(self) -> bytes:
        html = self._template.render(
            words=self._words,
            policy=self._policy,
            rows=self._howto.rows(),
            modules=MODULES,
        )
        return html.encode()


async def home(request: Request) -> Response:
    page: Page = request.app.state.page
    rendered = await gateway_of(request).threads.run(page.render)
    return respond(request, to_asset(rendered, TYPES[".html"]))
