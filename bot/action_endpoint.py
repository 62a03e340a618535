"""How the assistant calls the action server: one kept-open session, ten seconds at most, no ballast.

Rasa would wait 300 s, connect anew for each action, and send the whole domain and every event with its full
NLU result. A custom action that fails leaves no outcome, and the flow has a branch for that.
"""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import quote

import aiohttp
from rasa.utils.endpoints import ClientResponseError, EndpointConfig, concat_url

from bot.question import STACK_SLOT

logger = logging.getLogger(__name__)
ACTION_SECONDS = 10.0
_PARSE_KEPT = ("intent", "entities", "text", "message_id", "metadata")


class ActionEndpoint(EndpointConfig):  # type: ignore[misc]
    """Takes the place of the `action_endpoint` that Rasa read from endpoints.yml."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._session: aiohttp.ClientSession | None = None

    @classmethod
    def from_config(cls, config: EndpointConfig) -> ActionEndpoint:
        """The same address and headers.

        Selective domain keeps Rasa from serialising the domain for each call.
        """
        more = {**config.kwargs, "enable_selective_domain": True}
        return cls(url=config.url, headers=config.headers, **more)

    async def request(
        self,
        method: str = "post",
        subpath: str | None = None,
        content_type: str | None = "application/json",
        compress: bool = False,
        **kwargs: Any,
    ) -> Any:
        """The answer's JSON; raises ClientResponseError for a status from 400, and aiohttp's errors."""
        async with self._open_session().request(
            method,
            concat_url(self.url, subpath),
            headers=self.headers,
            json=slim(kwargs["json"]),
            timeout=aiohttp.ClientTimeout(total=ACTION_SECONDS),
        ) as answer:
            if answer.status >= 400:
                # Rasa takes a 400 as a refusal to run and asks again at once, without end.
                # The body may hold the tracker: it stays out of our log.
                raise ClientResponseError(502, f"the action server answered {answer.status}", "")
            return only_slots(await answer.json())

    async def forget(self, conversation_id: str) -> None:
        """Have the drafts and promises of a conversation deleted; raises what `request` raises."""
        place = f"conversations/{quote(conversation_id, safe='')}"
        address = concat_url(str(self.url).removesuffix("/webhook"), place)
        limit = aiohttp.ClientTimeout(total=ACTION_SECONDS)
        async with self._open_session().delete(address, headers=self.headers, timeout=limit) as answer:
            if answer.status >= 400:
                raise ClientResponseError(502, f"the action server answered {answer.status}", "")

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession()
        return self._session

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


def slim(call: dict[str, Any]) -> dict[str, Any]:
    """The call without bookkeeping, which no action reads; rasa-sdk insists on a domain."""
    tracker = call["tracker"]
    events = [_slim_event(event) for event in tracker["events"] if event["event"] in ("user", "bot", "slot")]
    return {
        **call,
        "domain": {"version": "3.1"},
        "tracker": {**tracker, "events": [event for event in events if event.get("name") != STACK_SLOT]},
    }


def only_slots(answer: Any) -> Any:
    """The answer with no events but slots, without the stack: what comes next, FlowPolicy says alone."""
    if not isinstance(answer, dict) or not isinstance(answer.get("events"), list):
        return answer
    kept = [event for event in answer["events"] if _is_slot(event)]
    for event in answer["events"]:
        if not _is_slot(event):
            logger.error("an action returned an event that is not a slot; it is left out")
    return {**answer, "events": kept}


def _is_slot(event: Any) -> bool:
    return isinstance(event, dict) and event.get("event") == "slot" and event.get("name") != STACK_SLOT


def _slim_event(event: dict[str, Any]) -> dict[str, Any]:
    if event["event"] != "user":
        return event
    parse = event.get("parse_data") or {}
    return {**event, "parse_data": {key: parse[key] for key in _PARSE_KEPT if key in parse}}
