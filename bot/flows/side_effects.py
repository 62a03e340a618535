"""The custom actions that do something outside the chat, as data."""

SIDE_EFFECTS = {
    "action_file_ticket": "files a ticket",
    "action_reply_ticket": "answers a ticket",
}
"""They need a yes in a bool slot that is asked each time, and are never run again unasked."""
