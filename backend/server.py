"""`python -m backend.server`: the sandbox on 127.0.0.1:BACKEND_PORT. Exit code 2 means a wrong setting."""

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
from backend.store.database import Database
from backend.words import say
from backend.world import World
from common.policy import PolicyError, load_policy
from common.redact import install_logging
from common.settings import Settings, SettingsError, load

log = logging.getLogger("backend")


def build(settings: Settings) -> FastAPI:
    """The application with its database migrated and seeded. Raises SettingsError or PolicyError."""
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
    return create_app(world, token=settings.backend_token, console_password=settings.console_password)


def main(environ: Mapping[str, str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT."""
    # What this process writes is for its own user alone.
    os.umask(0o077)
    install_logging("backend")
    # uvicorn raises the signal again after its orderly end; that end is success.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        settings = load(environ)
        app = build(settings)
    except (SettingsError, PolicyError) as error:
        print(f"backend: {error}", file=sys.stderr)
        return 2
    except SQLAlchemyError as error:
        # Not a wrong setting: the database may come back, and whoever started this process tries again.
        print(f"backend: {say('database_unreachable', problem=type(error).__name__)}", file=sys.stderr)
        return 1
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=settings.backend_port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
