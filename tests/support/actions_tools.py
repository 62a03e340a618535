"""Jobs, clients and rules in this process; the clock and real seconds move only when tests move them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from actions.accounts import AccountBackend
from actions.accounts.none import NoAccounts
from actions.accounts.scim import ScimAccounts
from actions.database import Database
from actions.desks.sandbox import SandboxDesk
from actions.http import HttpClient, Limits
from actions.inner_door import InnerDoor
from actions.jobs.runner import Runner
from actions.jobs.store import JobStore
from actions.jobs.tools import Tools
from actions.tickets import Line, TicketDraft
from actions.worker import Worker
from common.clock import FixedClock
from common.policy import Policy, load_policy
from tests.support.fake_world import TOKEN, FakeWorld
from tests.support.fault_proxy import FaultProxy

QUICK = Limits(connect=0.5, read=0.6, total=0.8)


def region() -> Policy:
    return load_policy(Path(__file__).resolve().parents[2] / "policy.yml")


def draft(
    email: str = "jo@agency.org", *, case: str | None = "1", row: str = "reactivate_account"
) -> TicketDraft:
    return TicketDraft(
        subject="Reactivate account: Jo Doe",
        email=email,
        name="Jo Doe",
        verified=None,
        row=row,
        case=case,
        facts=("Asked for: Please reactivate the account",),
        asked_for="Please reactivate the account",
        transcript=(Line("person", "2026-11-23T10:00:00-08:00", "It says inactive"),),
        body="NOT VERIFIED",
    )


@dataclass
class Bench:
    """All of `actions/` but the server. `proxy` stands before the desk; `later` lets real seconds pass."""

    world: FakeWorld
    proxy: FaultProxy
    clock: FixedClock
    store: JobStore
    tools: Tools
    runner: Runner
    worker: Worker
    seconds: list[float]

    def later(self, real_seconds: float) -> None:
        self.seconds[0] += real_seconds

    def pass_time(self, by: timedelta) -> None:
        """Both the clock and real time move on, and the worker does what is due."""
        self.clock.advance(by)
        self.later(by.total_seconds())
        self.worker.run_until_idle()


@contextmanager
def bench(
    folder: Path,
    now: str,
    *,
    accounts: str = "scim",
    database_url: str = "",
    delay: float = 1.5,
) -> Iterator[Bench]:
    """A fake world, and everything of `actions/` around it. `now`: ISO, with offset."""
    world = FakeWorld()
    proxy = FaultProxy(world.url, delay=delay)
    clock = FixedClock(datetime.fromisoformat(now))
    policy = region()
    world.now, world.midnight = clock.now, policy.next_midnight
    seconds = [1_000_000.0]
    database = Database(database_url or f"sqlite:///{folder}/jobs.db")
    database.migrate()
    store = JobStore(database, lambda: seconds[0])
    backend: AccountBackend = (
        ScimAccounts(HttpClient("accounts", f"{world.url}/scim/v2", TOKEN, limits=QUICK))
        if accounts == "scim"
        else NoAccounts()
    )
    tools = Tools(
        desk=SandboxDesk(HttpClient("desk", proxy.url, TOKEN, limits=QUICK)),
        accounts=backend,
        door=InnerDoor(HttpClient("inner door", world.url, TOKEN, limits=QUICK)),
        policy=policy,
        clock=clock,
    )
    runner = Runner(store, tools, seconds=lambda: seconds[0], spread=lambda: 0.5)
    try:
        yield Bench(world, proxy, clock, store, tools, runner, Worker(store, runner, clock), seconds)
    finally:
        for client in (tools.desk, tools.accounts, tools.door):
            client.close()
        database.close()
        proxy.close()
        world.close()
