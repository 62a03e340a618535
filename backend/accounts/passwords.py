"""Temporary passwords. They go into one mail and are kept nowhere else: nothing in the sandbox checks one."""

from __future__ import annotations

import secrets

# No characters that are mistaken for one another when copied from a mail by hand.
_ALPHABET = "abcdefghjkmnpqrstuvwxyzACDEFGHJKLMNPQRTUVWXY34679"
_GROUPS, _GROUP_LENGTH = 4, 4


def new_temporary_password() -> str:
    """Like `Kx4p-mTq9-aRc7-hWn3`: about 90 bits."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS))
    return "-".join(groups)
