"""The clock page: moves the offset that every process of this installation reads."""

from __future__ import annotations

from math import ceil

from fastapi import APIRouter, Response

from backend.console.clock_moves import MOVES
from backend.console.forms import DeskForm, PagesOf, SignedIn
from backend.console.pages import see_other
from common.clock import SystemClock, write_offset


class ClockFixed(Exception):
    """This installation's clock cannot be moved (production)."""


def clock_routes() -> APIRouter:
    router = APIRouter(prefix="/clock")

    @router.get("")
    def show(pages: PagesOf, session: SignedIn, done: str = "") -> Response:
        return pages.render(
            "clock.html",
            session,
            notice=done,
            movable=pages.world.clock_file is not None,
            real_now=SystemClock().now(),
        )

    @router.post("/{move}")
    def move(pages: PagesOf, move: str, fields: DeskForm) -> Response:
        """Raises ClockFixed."""
        file = pages.world.clock_file
        if file is None or (move != "back" and move not in MOVES):
            raise ClockFixed
        if move == "back":
            write_offset(file, 0)
            return see_other("/clock", "clock_back")
        now = pages.world.clock.now()
        by = MOVES[move](now, pages.world.policy) - now
        write_offset(file, ceil((SystemClock(file).offset() + by).total_seconds()))
        return see_other("/clock", "clock_moved")

    return router
