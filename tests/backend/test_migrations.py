"""A sandbox from before: what it holds is still there after the next start."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from backend.store.database import Database
from tests.support.backend_server import extension, running_backend
from tests.support.console_browser import Agent, Person

MIGRATIONS = Path(__file__).parents[2] / "backend" / "store" / "migrations"
MADE = datetime(2026, 1, 5, 18, 0, tzinfo=UTC)

# user name, profile, completed courses
ACCOUNTS = [
    (
        "casey.forty@agency.example",
        {"name": {"givenName": "Casey", "familyName": "Forty"}},
        ["basic", "retake"],
    ),
    (
        "lee@work.example",
        {"emails": [{"value": "b@x.example"}, {"value": "A@x.example", "primary": True}]},
        ["basic"],
    ),
    ("second@work.example", {"emails": [{"value": "a@x.example"}]}, ["retake"]),
    ("untrained", {}, []),
]


def test_trainings_move_to_the_academy(database_url: str, tmp_path: Path) -> None:
    database = Database(database_url)
    with database.write() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for number, (user_name, profile, courses) in enumerate(ACCOUNTS):
            _account(connection, f"id-{number}", {"userName": user_name, **profile}, courses)
        connection.execute(text("INSERT INTO backend_fact VALUES ('seeded_at', 'before')"))
        mail = "INSERT INTO backend_mail (key, \"to\", subject, text, at) VALUES (NULL, 'a', 'b', 'c', :at)"
        connection.execute(text(mail), {"at": MADE if not database.is_sqlite else str(MADE)[:-6]})
    database.close()

    with running_backend(tmp_path, database_url=database_url) as backend, Agent(backend) as agent:
        for user_name, _, courses in ACCOUNTS:
            found = extension(backend.find(user_name)).get("trainings", [])
            completed = {each["course"] for each in found}
            assert completed >= set(courses), user_name
        assert backend.find(ACCOUNTS[1][0])["id"] == "id-1"
        page = agent.open(agent.cta_path("a@x.example"))
        assert ACCOUNTS[1][0] in page.text and ACCOUNTS[2][0] in page.text
        assert "ned.newcomer" in agent.open("cta").text
        assert [mail.sender for mail in backend.mails()] == [""]
        with Person(backend) as person:
            page = person.log_in("casey.forty@agency.example", "open-sesame-sandbox")
            assert "This account is inactive" in page.text


def _account(connection: Connection, account_id: str, profile: dict[str, object], courses: list[str]) -> None:
    moment = MADE if connection.dialect.name != "sqlite" else str(MADE)[:-6]
    account = {"id": account_id, "key": profile["userName"], "profile": json.dumps(profile), "at": moment}
    names = "id, user_name_key, profile, created_at, modified_at, wrong_passwords"
    connection.execute(
        text(f"INSERT INTO backend_account ({names}) VALUES (:id, :key, :profile, :at, :at, 0)"), account
    )
    training = text(
        "INSERT INTO backend_training (account_id, course, completed_at) VALUES (:id, :course, :at)"
    )
    for course in courses:
        connection.execute(training, {"id": account_id, "course": course, "at": moment})
