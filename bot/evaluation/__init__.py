"""How well people are understood, measured on lines that are kept apart from training.

The lines are tests/nlu/intents_*.jsonl and tests/nlu/dates_*.jsonl, one set per file (tests/nlu/README.md).
`python -m bot.evaluation` measures and saves; tests/bot/nlu/floors.json is what must not be fallen below.
"""
