"""When did the person last log in: an interval of days from what they typed (How-To row 2).

`understand` is the whole public surface; the rest of the package is its grammar.
"""

from bot.dates.answer import LastLogin
from bot.dates.understanding import understand

__all__ = ["LastLogin", "understand"]
