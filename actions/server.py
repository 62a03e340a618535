"""The action server: rasa-sdk's executor behind a bearer check. `python -m actions.server`.

rasa-sdk's own Sanic app is not used: it has no authentication, and its error answers carry the whole tracker.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionNotFoundException
from sanic import Sanic
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse, empty
from sanic.response import json as json_response
from sqlalchemy.exc import SQLAlchemyError

from actions.calls import LARGEST_CALL, BadCall, to_call
from actions.jobs.runner import place_of
from actions.office import Office
from actions.steps.base import NothingKept
from actions.steps.check_login import CheckLogin
from actions.steps.file_ticket import FileTicket
from actions.steps.find_last_login import FindLastLogin
from actions.steps.prepare_reply import PrepareReply
from actions.steps.prepare_ticket import PrepareTicket
from actions.steps.reply_ticket import ReplyTicket
from actions.steps.ticket_status import TicketStatus
from actions.wiring import open_office
from actions.wording import WordsError
from common.bearer import bearer_matches
from common.policy import PolicyError
from common.redact import install_logging
from common.settings import Settings, SettingsError, load

log = logging.getLogger(__name__)

ACTIONS = (PrepareTicket, FileTicket, PrepareReply, ReplyTicket, CheckLogin, TicketStatus, FindLastLogin)
_WORKER_LATE = 30.0
_AT_ONCE = 32
_HEALTH_SECONDS = 0.8


def create_app(office: Office, secret: str) -> Sanic[Any, Any]:
    """Routes: POST /webhook, DELETE /conversations/<id> (both with the bearer secret), GET /healthz."""
    executor = ActionExecutor()
    threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="action")
    for action in ACTIONS:
        executor.register_action(action(office, threads))
    app: Sanic[Any, Any] = Sanic("hmis_actions", configure_logging=False)
    app.config.REQUEST_MAX_SIZE = LARGEST_CALL
    app.config.KEEP_ALIVE_TIMEOUT = 75
    app.config.GRACEFUL_SHUTDOWN_TIMEOUT = 8.0
    app.config.MOTD = False
    app.config.ACCESS_LOG = False

    @app.on_request
    async def check_bearer(request: Request) -> HTTPResponse | None:
        if request.path in ("/healthz", "/health"):
            return None
        if bearer_matches(request.headers.get("Authorization"), secret):
            return None
        return json_response({"error": "wrong or missing bearer token"}, status=401)

    @app.post("/webhook")
    async def webhook(request: Request) -> HTTPResponse:
        try:
            result = await executor.run(
                {"domain": {}, **to_call(request.body, request.headers.get("Content-Encoding"))}
            )
        except BadCall as error:
            return json_response({"error": str(error)}, status=400)
        except NothingKept:
            return json_response({"error": "nothing was kept; the same call may be made again"}, status=503)
        except ActionNotFoundException as error:
            return json_response({"error": "no such action", "action_name": error.action_name}, status=404)
        return json_response(result.model_dump() if result else {"events": [], "responses": []})

    @app.delete("/conversations/<conversation_id:str>", unquote=True)
    async def forget(_request: Request, conversation_id: str) -> HTTPResponse:
        await asyncio.get_running_loop().run_in_executor(threads, office.store.forget, conversation_id)
        return empty(status=204)

    prober = ThreadPoolExecutor(1, thread_name_prefix="health")
    probing: list[asyncio.Future[float | None]] = []

    def probe() -> asyncio.Future[float | None]:
        """The probe that is under way, or a new one: many that ask of a locked database wait for one."""
        if not probing or probing[0].done():
            probing[:] = [asyncio.get_running_loop().run_in_executor(prober, _write_and_look, office)]
            probing[0].add_done_callback(lambda done: done.cancelled() or done.exception())
        return probing[0]

    @app.get("/healthz")
    async def healthz(_request: Request) -> HTTPResponse:
        """200 while jobs can be written; `worker` says whether promises are being worked on."""
        try:
            late = await asyncio.wait_for(asyncio.shield(probe()), _HEALTH_SECONDS)
        except (SQLAlchemyError, TimeoutError) as error:
            log.error("the jobs database does not answer: %s", place_of(error))
            return json_response({"status": "down", "down": ["jobs"]}, status=503)
        worker = "ok" if late is not None and late < _WORKER_LATE else "down"
        return json_response({"status": "ok", "worker": worker})

    @app.exception(Exception)
    async def failed(request: Request, error: Exception) -> HTTPResponse:
        """Nothing of the request goes into an answer or a log: it is a person's conversation."""
        if isinstance(error, SanicException) and error.status_code < 500:
            return json_response({"error": type(error).__name__}, status=error.status_code)
        log.error("%s %s: %s", request.method, request.path, place_of(error))
        return json_response({"error": "the action server failed"}, status=500)

    return app


def _write_and_look(office: Office) -> float | None:
    """Write as a promise would be written; then the seconds since the worker's last sign of life."""
    office.store.beat("actions")
    return office.store.seconds_since_beat("worker")


def main() -> int:
    os.umask(0o077)  # the jobs database holds people's answers
    install_logging("actions")
    for noisy in ("sanic.root", "sanic.server", "rasa_sdk", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    try:
        settings: Settings = load()
        settings.require("ACTIONS_SECRET")
        office = open_office(settings)
    except (SettingsError, PolicyError, WordsError) as error:
        print(f"actions: {error}", file=sys.stderr)
        return 2
    app = create_app(office, settings.actions_secret)
    log.info("listening on 127.0.0.1:%s", settings.actions_port)
    app.run(host="127.0.0.1", port=settings.actions_port, single_process=True, access_log=False, motd=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
