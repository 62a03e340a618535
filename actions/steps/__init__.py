"""The custom actions, one per file, named after the action."""
