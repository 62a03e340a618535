"""The words of the flow format: which keys there are, which we refuse and why, what patterns may read."""

from __future__ import annotations

from bot.flows.internal import INTERNAL_ACTIONS, LISTEN, RETURNED_ACTIONS

FLOW_KEYS = {
    "description", "steps", "name", "if", "nlu_trigger", "persisted_slots", "run_pattern_completed",
    "always_include_in_prompt", "metadata",
}  # fmt: skip

COMMON_KEYS = {"id", "next"}
STEP_KEYS: dict[str, set[str]] = {
    "action": COMMON_KEYS,
    "collect": COMMON_KEYS
    | {
        "description", "ask_before_filling", "utter", "rejections", "force_slot_filling",
        "reset_after_flow_ends",
    },
    "set_slots": COMMON_KEYS,
    "link": {"id"},
    "call": COMMON_KEYS,
    "noop": COMMON_KEYS,
}  # fmt: skip

REFUSED_KEYS = {
    "silence_timeout": "not run here: it is for voice channels",
    "dtmf": "not run here: it is for voice channels",
    "mcp_server": "not run here: it needs an MCP server; call a flow or use a custom action",
    "mapping": "not run here: it belongs to MCP tools; use a custom action",
    "exit_if": "not run here: it belongs to sub-agents driven by a language model",
    "generation_prompt": "not run here: it needs a language model",
    "agent_card": "not run here: it belongs to sub-agents",
    "file_path": "not run here",
    "digression_confirmation": "not run here",
    "ask_confirm_digressions": "not run here; pattern_continue_interrupted asks after a digression",
    "block_digressions": "not run here; use force_slot_filling",
}

PATTERN_CONTEXT: dict[str, set[str]] = {
    "pattern_collect_information": {"collect", "utter", "collect_action", "rejections", "force_slot_filling"},
    "pattern_correction": {
        "corrected_slots", "is_reset_only", "new_slot_values", "reset_flow_id", "reset_step_id",
    },
    "pattern_cancel_flow": {"canceled_name", "canceled_frames"},
    "pattern_continue_interrupted": {
        "ended_flow_id", "ended_flow_waited",
        "previous_flow_name", "interrupted_flow_names", "interrupted_flow_ids", "interrupted_flow_options",
        "multiple_flows_interrupted",
    },
    "pattern_skip_question": set(),
    "pattern_clarification": {"names", "clarification_options"},
    "pattern_completed": {"previous_flow_name"},
    "pattern_customer_satisfaction": set(),
    "pattern_human_handoff": set(),
    "pattern_cannot_handle": {"reason"},
    "pattern_internal_error": {"error_type", "info"},
    "pattern_search": set(),
    "pattern_chitchat": set(),
    "pattern_repeat_bot_messages": set(),
    "pattern_code_change": set(),
    "pattern_session_start": set(),
    "pattern_restart": set(),
    "pattern_need_waits": {"next_flow_name", "later_flow_name", "several_wait"},
    "pattern_next_need": {"next_flow_id", "next_flow_name", "after_flow_id", "is_offer"},
}  # fmt: skip

REFUSED_PATTERNS = {
    "pattern_user_silence": "not run here: it is for voice channels",
    "pattern_validate_slot": "not run here: validate in the collect step (rejections, validate_SLOT)",
}

PUSHED_PATTERNS = {
    "pattern_collect_information", "pattern_correction", "pattern_cancel_flow",
    "pattern_continue_interrupted", "pattern_skip_question", "pattern_clarification", "pattern_completed",
    "pattern_human_handoff", "pattern_cannot_handle", "pattern_internal_error", "pattern_chitchat",
    "pattern_repeat_bot_messages", "pattern_code_change", "pattern_restart",
    "pattern_need_waits", "pattern_next_need",
}  # fmt: skip
"""Patterns that the engine itself puts on the stack; the others need a trigger or a link."""

LINKS_FROM_FLOWS = {"pattern_human_handoff"}
LINKS_FROM_PATTERNS = {"pattern_human_handoff", "pattern_chitchat", "pattern_customer_satisfaction"}

KNOWN_ACTIONS = {*INTERNAL_ACTIONS, *RETURNED_ACTIONS, LISTEN}
"""Actions that need not stand in the domain; only patterns may name them."""

ENGINE_SLOTS = {"flow_stack", "dialogue_stack"}
"""Slots that flows must leave alone."""
