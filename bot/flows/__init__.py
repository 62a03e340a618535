"""CALM flows on open-source Rasa, without Rasa: read and check them, and say what comes next.

`load_flows` reads `flows/*.yml`; `next_move` is called at the start of a turn and after each action.
"""

from bot.flows.commands import (
    CancelFlow,
    CannotHandle,
    ChitChat,
    Clarify,
    Command,
    Continue,
    CorrectSlot,
    DropWaiting,
    HumanHandoff,
    InternalError,
    Repeat,
    Restart,
    SetSlot,
    SkipQuestion,
    StartFlow,
    command_from_json,
)
from bot.flows.errors import FlowError, FlowErrors
from bot.flows.facts import DomainFacts, SlotFacts
from bot.flows.loader import load_flows
from bot.flows.machine import MAX_STEPS, Move, next_move
from bot.flows.model import Flow, Flows, Step
from bot.flows.run import Happening
from bot.flows.stack import (
    Frame,
    OpenQuestion,
    Stack,
    open_question,
    stack_from_json,
    stack_to_json,
)

__all__ = [
    "MAX_STEPS",
    "CancelFlow",
    "CannotHandle",
    "ChitChat",
    "Clarify",
    "Command",
    "Continue",
    "CorrectSlot",
    "DomainFacts",
    "DropWaiting",
    "Flow",
    "FlowError",
    "FlowErrors",
    "Flows",
    "Frame",
    "Happening",
    "HumanHandoff",
    "InternalError",
    "Move",
    "OpenQuestion",
    "Repeat",
    "Restart",
    "SetSlot",
    "SkipQuestion",
    "SlotFacts",
    "Stack",
    "StartFlow",
    "Step",
    "command_from_json",
    "load_flows",
    "next_move",
    "open_question",
    "stack_from_json",
    "stack_to_json",
]
