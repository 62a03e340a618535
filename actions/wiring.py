"""Builds a process's parts from its settings: which account system, which desk, which database."""

from __future__ import annotations

import os
from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from actions.accounts import AccountBackend
from actions.accounts.none import NoAccounts
from actions.accounts.scim import ScimAccounts
from actions.database import Database
from actions.desks import TicketDesk
from actions.desks.request_tracker import RequestTrackerDesk
from actions.desks.request_tracker_ticket import Fields
from actions.desks.sandbox import SandboxDesk
from actions.http import HttpClient, Limits
from actions.inner_door import InnerDoor
from actions.jobs.runner import Runner
from actions.jobs.store import JobStore
from actions.jobs.tools import Tools
from actions.office import Office
from actions.tickets.draft import TicketWriter
from common.policy import Policy, load_policy
from common.settings import Settings, SettingsError

_SCIM = "application/scim+json"
_RT_REST = "/REST/2.0"
_SANDBOX_POLL, _POLL = 3.0, 20.0
# A turn at the gateway takes as long as the assistant does.
_INNER_LIMITS = Limits(connect=1.5, read=15.0, total=18.0, at_once=4)


def connect_accounts(settings: Settings, environ: Mapping[str, str]) -> AccountBackend:
    """Raises SettingsError."""
    if settings.accounts == "none":
        return NoAccounts()
    if settings.accounts == "scim":
        url, token = environ.get("SCIM_URL", "").strip(), environ.get("SCIM_TOKEN", "").strip()
        if not _is_private(url):
            raise SettingsError("SCIM_URL is needed with ACCOUNTS=scim; expected an https:// address")
        if not token:
            raise SettingsError("SCIM_TOKEN is needed with ACCOUNTS=scim; expected a bearer token")
        return ScimAccounts(HttpClient("scim", url, token, accept=_SCIM))
    settings.require("BACKEND_TOKEN")
    url = f"{settings.backend_url}/scim/v2"
    return ScimAccounts(HttpClient("accounts", url, settings.backend_token, accept=_SCIM))


def _is_private(url: str) -> bool:
    """Nobody on the way can read a bearer token: https, or this very machine."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host or "")))


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def connect_desk(settings: Settings, environ: Mapping[str, str]) -> TicketDesk:
    """Raises SettingsError."""
    if settings.desk == "rt":
        return _connect_request_tracker(environ)
    if settings.desk != "sandbox":
        raise SettingsError(f"DESK={settings.desk} has no adapter here; expected sandbox or rt")
    settings.require("BACKEND_TOKEN")
    return SandboxDesk(HttpClient("desk", settings.backend_url, settings.backend_token))


def _connect_request_tracker(environ: Mapping[str, str]) -> TicketDesk:
    url, token = environ.get("RT_URL", "").strip().rstrip("/"), environ.get("RT_TOKEN", "").strip()
    queue = environ.get("RT_QUEUE", "").strip()
    if not _is_private(url):
        raise SettingsError("RT_URL is needed with DESK=rt; expected the https:// address of RT's pages")
    if url.endswith(_RT_REST):
        raise SettingsError(f"RT_URL ends in {_RT_REST}; expected the address of RT's pages, without it")
    if not _is_header_word(token):
        raise SettingsError("RT_TOKEN is needed with DESK=rt; expected an authentication token of RT")
    if not queue:
        raise SettingsError("RT_QUEUE is needed with DESK=rt; expected the name of a queue")
    fields = Fields(
        environ.get("RT_ROW_FIELD", "").strip() or None, environ.get("RT_CASE_FIELD", "").strip() or None
    )
    if fields.row and fields.row == fields.case:
        raise SettingsError("RT_ROW_FIELD and RT_CASE_FIELD are the same; expected two custom fields")
    return RequestTrackerDesk(HttpClient("rt", f"{url}{_RT_REST}", token, scheme="token"), queue, fields)


def _is_header_word(token: str) -> bool:
    """Fit for an Authorization header: something, without spaces or characters of other alphabets."""
    return bool(token) and token.isascii() and token.isprintable() and " " not in token


def connect_tools(settings: Settings, policy: Policy, environ: Mapping[str, str]) -> Tools:
    """Raises SettingsError."""
    settings.require("INNER_SECRET")
    door = HttpClient("inner door", settings.inner_url, settings.inner_secret, limits=_INNER_LIMITS)
    return Tools(
        desk=connect_desk(settings, environ),
        accounts=connect_accounts(settings, environ),
        door=InnerDoor(door),
        policy=policy,
        clock=settings.clock(),
        poll_seconds=_POLL if settings.production else _SANDBOX_POLL,
    )


def open_store(settings: Settings) -> tuple[Database, JobStore]:
    """The jobs database, brought to the newest tables."""
    database = Database(settings.jobs_database_url)
    database.migrate()
    return database, JobStore(database)


def open_office(settings: Settings, environ: Mapping[str, str] | None = None) -> Office:
    """Raises SettingsError, PolicyError and WordsError: reasons to end with one line and code 2."""
    policy = load_policy(settings.policy_file, production=settings.production)
    tools = connect_tools(settings, policy, os.environ if environ is None else environ)
    writer = TicketWriter(policy)
    _, store = open_store(settings)
    return Office(settings, store, Runner(store, tools), tools, writer)
