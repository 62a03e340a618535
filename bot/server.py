"""The assistant's process: Rasa behind one door on 127.0.0.1, `python -m bot.server`.

Rasa's own command line would import TensorFlow and its test and plotting modules, and open its HTTP API's
routes; this starts the same agent in the same web server with our channel alone. Configuration errors end it
with code 2 and one line on stderr.
"""

from __future__ import annotations

import gc
import os
import socket
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from common.policy import PolicyError, load_policy
from common.settings import Settings, SettingsError, load

if TYPE_CHECKING:
    from rasa.core.agent import Agent
    from sanic import Sanic

ROOT = Path(__file__).resolve().parents[1]
MODEL_NAME = "assistant.tar.gz"
LARGEST_REQUEST = 1024 * 1024
_QUIET = (
    "py.warnings",
    "sanic",
    "sanic.root",
    "sanic.error",
    "sanic.access",
    "asyncio",
    "matplotlib",
    "pymongo",
    "apscheduler",
)
ENVIRONMENT = {
    # The engine ends a turn after 25 steps by itself; Rasa's own limit ends it silently.
    "MAX_NUMBER_OF_PREDICTIONS": "40",
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "SANIC_WORKERS": "1",
    # One thread is quickest for matrices this small, and leaves the other core to the other processes.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}


class CannotStart(Exception):
    """Something needed is missing or wrong; the message says what and what to do."""


def main() -> None:
    # What this process writes is for its own user alone.
    os.umask(0o077)
    try:
        settings = load()
        settings.require("DOOR_SECRET", "ACTIONS_SECRET")
        load_policy(settings.policy_file, production=settings.production)
        prepare(settings)
        serve(settings)
    except (SettingsError, PolicyError, CannotStart) as error:
        _stop(str(error))


def prepare(settings: Settings) -> None:
    """Set the process up before Rasa is imported."""
    model = model_path(settings)
    if not model.is_file():
        raise CannotStart(f"there is no model at {model}; run `make train`")
    os.environ.update({name: os.environ.get(name, value) for name, value in ENVIRONMENT.items()})
    os.environ["TRACKER_DATABASE_URL"] = settings.tracker_database_url
    os.environ["ACTIONS_URL"] = settings.actions_url
    os.environ["POLICY_FILE"] = str(settings.policy_file)
    warnings.filterwarnings("ignore")
    if not os.environ.get("WITH_TENSORFLOW"):
        from bot import without_tensorflow

        if without_tensorflow.is_free_of_tensorflow(without_tensorflow.components_of(model)):
            without_tensorflow.install()


def serve(settings: Settings) -> None:
    """Run until SIGTERM; raises CannotStart before the port is open."""
    _set_up_logging()
    from bot import rasa_speed

    rasa_speed.install()
    agent = make_agent(settings)
    app = make_app(settings, agent)
    # What is there now stays: no later search for garbage has to look through it.
    gc.collect()
    gc.freeze()
    with _listening(settings.assistant_port) as listener:
        app.run(sock=listener, workers=1, access_log=False, motd=False)


def _listening(port: int) -> socket.socket:
    """The open port; raises CannotStart when somebody else has it."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        listener.close()
        raise CannotStart(f"port {port} cannot be opened ({error.strerror}); see ASSISTANT_PORT") from error
    return listener


def make_agent(settings: Settings) -> Agent:
    """The agent with our store, renderer and action endpoint in place; raises CannotStart."""
    from rasa.core.agent import Agent
    from rasa.core.lock_store import LockStore
    from rasa.core.tracker_store import TrackerStore
    from rasa.core.utils import AvailableEndpoints
    from rasa.shared.exceptions import RasaException

    from bot.action_endpoint import ActionEndpoint
    from bot.graph_runner import quicken

    try:
        endpoints = AvailableEndpoints.read_endpoints(str(ROOT / "endpoints.yml"))
        if endpoints.action is None:
            raise CannotStart("endpoints.yml has no action_endpoint")
        store = TrackerStore.create(endpoints.tracker_store)
        _check_store(store, settings)
        agent = Agent(
            generator=endpoints.nlg,
            tracker_store=store,
            lock_store=LockStore.create(endpoints.lock_store),
            action_endpoint=ActionEndpoint.from_config(endpoints.action),
        )
        agent.load_model(model_path(settings))
    except CannotStart:
        raise
    except RasaException as error:
        raise CannotStart(_first_line(error)) from error
    except Exception as error:
        raise CannotStart(f"{type(error).__name__}: {_first_line(error)}") from error
    # Rasa wraps every store in one that turns a failed read into an empty conversation and a failed write
    # into memory.
    agent.tracker_store = agent.processor.tracker_store = store
    store.domain = agent.domain
    quicken(agent.processor)
    return agent


def make_app(settings: Settings, agent: Agent) -> Sanic:
    from rasa.core.channels.channel import register
    from sanic import Sanic

    app = Sanic("hmis_account_help_assistant", configure_logging=False)
    app.config.REQUEST_MAX_SIZE = LARGEST_REQUEST
    # Longer than the gateway keeps an idle connection: whoever closes first must be the one who sends.
    app.config.KEEP_ALIVE_TIMEOUT = 75
    app.config.FALLBACK_ERROR_FORMAT = "json"
    app.ctx.agent = agent
    register(read_channels(), app, route="/webhooks/")

    async def close(_app: Any, _loop: Any) -> None:
        await agent.action_endpoint.close()
        agent.tracker_store.close()

    app.register_listener(close, "after_server_stop")
    return app


def read_channels() -> list[Any]:
    """The channels of credentials.yml; raises CannotStart unless it is our door and nothing else."""
    import rasa.shared.utils.io
    from rasa.shared.exceptions import RasaException

    from bot.door import Door

    try:
        credentials = rasa.shared.utils.io.read_config_file(str(ROOT / "credentials.yml"))
    except RasaException as error:
        raise CannotStart(_first_line(error)) from error
    if list(credentials) != ["bot.door.Door"]:
        raise CannotStart(f"credentials.yml names {', '.join(credentials)}; expected bot.door.Door alone")
    return [Door.from_credentials(credentials["bot.door.Door"])]


def model_path(settings: Settings) -> Path:
    return settings.var_dir / "models" / MODEL_NAME


def _check_store(store: Any, settings: Settings) -> None:
    """Rasa takes an in-memory store when it cannot find the class in endpoints.yml;

    conversations would be lost.
    """
    from bot.tracker_store import EventLogTrackerStore

    if type(store) is not EventLogTrackerStore:
        raise CannotStart(
            f"the tracker store is {type(store).__name__}; "
            "endpoints.yml must name bot.tracker_store.EventLogTrackerStore"
        )
    if store.url != settings.tracker_database_url:
        raise CannotStart("endpoints.yml names another tracker database than TRACKER_DATABASE_URL")


def _set_up_logging() -> None:
    import logging

    import structlog

    from common.redact import install_logging

    install_logging("assistant", logging.WARNING)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.ERROR)
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def _first_line(error: BaseException) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)


def _stop(message: str) -> NoReturn:
    from common.redact import redact

    print(f"assistant: {redact(message)}", file=sys.stderr)
    sys.exit(2)


if __name__ == "__main__":
    main()
