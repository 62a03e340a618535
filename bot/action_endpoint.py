"""How the assistant calls the action server: one kept-open session, ten seconds at most, and only what is
needed.

Rasa would wait 300 s, connect anew for each action, and send the whole domain and every event with its full
NLU result. A custom action that fails leaves no outcome, and the flow has a branch for that."""

from __future__ import annotations

from typing import Any

import aiohttp
from rasa.utils.endpoints import ClientResponseError, EndpointConfig, concat_url

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
        """The answer's JSON;

        raises ClientResponseError for a status from 400, aiohttp's errors and time-outs.
        """
        async with self._open_session().request(
            method,
            concat_url(self.url, subpath),
            headers=self.headers,
            json=slim(kwargs["json"]),
            timeout=aiohttp.ClientTimeout(total=ACTION_SECONDS),
        ) as answer:
            if answer.status >= 400:
                # The body may hold the tracker; it stays out of our log. Rasa reads only a rejection's (400).
                text = await answer.text() if answer.status == 400 else ""
                raise ClientResponseError(answer.status, answer.reason or "", text)
            return await answer.json()

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession()
        return self._session

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


def slim(call: dict[str, Any]) -> dict[str, Any]:
    """The call without what no action of ours reads:

    bookkeeping events, rankings. rasa-sdk insists on a domain.
    """
    tracker = call["tracker"]
    events = [_slim_event(event) for event in tracker["events"] if event["event"] in ("user", "bot", "slot")]
    return {
        **call,
        "domain": {"version": "3.1"},
        "tracker": {**tracker, "events": [event for event in events if event.get("name") != "flow_stack"]},
    }


def _slim_event(event: dict[str, Any]) -> dict[str, Any]:
    if event["event"] != "user":
        return event
    parse = event.get("parse_data") or {}
    return {**event, "parse_data": {key: parse[key] for key in _PARSE_KEPT if key in parse}}
