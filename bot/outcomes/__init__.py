"""What came of conversations, as counts that lead back to nobody. docs/report.md defines every figure.

`read_turn` says what one turn's events mean; `Tally` is what a conversation has come to so far, kept with it
and deleted with it; `advance` gives the next tally and the counts that change. Pure: no Rasa, no database.
"""

from bot.outcomes.advance import Key, advance
from bot.outcomes.table import Table, TableError, load_table
from bot.outcomes.tally import WHOLE, Part, Tally
from bot.outcomes.turn import Sign, TurnFacts, read_turn

__all__ = [
    "WHOLE",
    "Key",
    "Part",
    "Sign",
    "Table",
    "TableError",
    "Tally",
    "TurnFacts",
    "advance",
    "load_table",
    "read_turn",
]
