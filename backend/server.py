"""`python -m backend.server`: the sandbox on 127.0.0.1:BACKEND_PORT, its mailbox also on MAILBOX_PORT (SMTP).

Exit code 2 means a wrong setting, 1 what may pass by itself: no database yet, a port that is still taken.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Mapping

import uvicorn
from fastapi import FastAPI
from sqlalchemy.exc import SQLAlchemyError

from backend.accounts.seed import plant
from backend.app import create_app
from backend.mailbox.smtp import PortTaken, listening
from backend.store.database import Database
from backend.words import say
from backend.world import World
from common.policy import PolicyError, load_policy
from common.redact import install_logging
from common.settings import Settings, SettingsError, load

log = logging.getLogger("backend")


def build(settings: Settings) -> tuple[World, FastAPI]:
    """World and application, the database migrated and seeded. Raises SettingsError or PolicyError."""
    if settings.production:
        raise SettingsError(say("production_refused"))
    settings.require("BACKEND_TOKEN", "CONSOLE_PASSWORD")
    policy = load_policy(settings.policy_file)
    world = World(
        database=Database(settings.backend_database_url),
        clock=settings.clock(),
        policy=policy,
        clock_file=settings.clock_file,
    )
    world.database.migrate()
    planted = plant(world)
    log.info("ready with %d new accounts", planted)
    app = create_app(world, token=settings.backend_token, console_password=settings.console_password)
    return world, app


def main(environ: Mapping[str, str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT."""
    # What this process writes is for its own user alone.
    os.umask(0o077)
    install_logging("backend")
    # uvicorn raises the signal again after its orderly end; that end is success.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        settings = load(environ)
        world, app = build(settings)
    except (SettingsError, PolicyError) as error:
        print(f"backend: {error}", file=sys.stderr)
        return 2
    except SQLAlchemyError as error:
        # Not a wrong setting: the database may come back, and whoever started this process tries again.
        print(f"backend: {say('database_unreachable', problem=type(error).__name__)}", file=sys.stderr)
        return 1
    try:
        with listening(world, settings.mailbox_port):
            _serve(app, settings.backend_port)
    except PortTaken:
        print(f"backend: {say('mailbox_port_taken', port=settings.mailbox_port)}", file=sys.stderr)
        return 1
    return 0


def _serve(app: FastAPI, port: int) -> None:
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
    )


if __name__ == "__main__":
    sys.exit(main())
