"""Typed text → parse data, without the node that takes `/intent{…}` from anyone at full confidence.

Rasa's recipe always ends the NLU graph with RegexMessageHandler. Here the graph runs only up to the node
before it, so whatever a person types is plain words.
"""

from __future__ import annotations

import logging
from typing import Any

from rasa.core.channels.channel import UserMessage
from rasa.core.processor import MessageProcessor
from rasa.engine.constants import PLACEHOLDER_MESSAGE, PLACEHOLDER_TRACKER
from rasa.shared.core.trackers import DialogueStateTracker

logger = logging.getLogger(__name__)
RANKED = 3
_KEPT = ("intent", "intent_ranking", "entities", "clauses")


def last_nlu_node(processor: MessageProcessor) -> str:
    """The name of the graph node whose output RegexMessageHandler would get."""
    metadata = processor.model_metadata
    return str(metadata.predict_schema.nodes[metadata.nlu_target].needs["messages"])


def understand(processor: MessageProcessor, message: UserMessage) -> dict[str, Any]:
    """Parse data for a message; when NLU itself breaks, a message that nothing was understood of.

    A text that NLU cannot digest would otherwise be sent again and again by the gateway.
    """
    node = last_nlu_node(processor)
    inputs = {
        PLACEHOLDER_MESSAGE: [message],
        PLACEHOLDER_TRACKER: DialogueStateTracker(message.sender_id, []),
    }
    try:
        results = processor.graph_runner.run(inputs=inputs, targets=[node])
    except Exception:
        logger.exception("NLU broke on a message")
        return ready(message.text or "")
    found = results[node][0].as_dict(only_output_properties=True)
    parse = ready(message.text or "")
    parse.update({key: found[key] for key in _KEPT if key in found})
    parse["intent_ranking"] = parse.get("intent_ranking", [])[:RANKED]
    return parse


def ready(text: str, intent: str | None = None, **more: Any) -> dict[str, Any]:
    """Parse data for what needs no understanding: a button or an event."""
    return {
        "text": text,
        "intent": {"name": intent, "confidence": 1.0 if intent else 0.0},
        "entities": [],
        **more,
    }
