"""Starts one program in its own place: `child.py NAME PROGRAM …`. Needs nothing but the standard library.

The kernel ends the program when its parent dies (Linux, prctl(2) PR_SET_PDEATHSIG; kept across exec), so that
a killed supervisor leaves nothing half up.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def end_with_parent(parent: int) -> None:
    """SIGTERM for this process when `parent` dies; at once if that has happened already."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    end_with_parent(os.getppid())
    os.execv(sys.argv[1], sys.argv[1:])


if __name__ == "__main__":
    main()
