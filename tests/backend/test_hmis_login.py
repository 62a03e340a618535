"""The made-up login screen: its messages, the lock that opens by itself, temporary passwords."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from backend.accounts import passwords
from backend.accounts.verbs import WRONG_PASSWORDS_THAT_LOCK
from backend.hmis.login import MOST_STRANGERS, Strangers
from backend.hmis.visits import Visit, Visits
from tests.support.backend_server import RunningBackend, extension, start_process, ticket_draft
from tests.support.console_browser import Agent, Page, Person

CASEY, THEO, LOU, PENNY, ADA, NOBODY = (
    f"{name}@agency.example"
    for name in ("casey.forty", "theo.longaway", "lou.locked", "penny.pending", "ada.active", "nobody")
)
DEMO = passwords.demo_password()
IN, WRONG, INACTIVE, LOCKED = (
    "You are in",
    "The user name or the password is wrong",
    "This account is inactive",
    "This account is locked",
)


@pytest.fixture
def person(backend: RunningBackend) -> Iterator[Person]:
    with Person(backend) as somebody:
        yield somebody


def password_in(text: str) -> str:
    return text.partition("temporary password: ")[2].split()[0]


# user name, password, what the screen says
TRIES = [
    (ADA, DEMO, IN),
    (f"  {ADA.upper()} ", DEMO, IN),
    (ADA, "guess", WRONG),
    (ADA, "", WRONG),
    (ADA, DEMO + " ", WRONG),
    (ADA, DEMO, IN),
    (ADA, DEMO * 200, WRONG),
    (ADA, "\x00\ufffd", WRONG),
    (CASEY, DEMO, INACTIVE),
    (CASEY, "guess", WRONG),
    (LOU, DEMO, LOCKED),
    (LOU, "guess", LOCKED),
    (PENNY, DEMO, WRONG),
    (NOBODY, DEMO, WRONG),
    ("", DEMO, WRONG),
    ("<b>x</b>' OR 1=1", DEMO, WRONG),
    ("x" * 10_000, DEMO, WRONG),
]


def test_what_the_screen_says(person: Person) -> None:
    for user_name, password, words in TRIES:
        page = person.log_in(user_name, password)
        assert words in page.text, (user_name, password)
        assert (page.status, page.path) == ((200, "/hmis/") if words == IN else (403, "/hmis/login"))
        assert "<b>x</b>" not in page.html


def test_short_addresses(shared_backend: RunningBackend) -> None:
    with Person(shared_backend) as person:
        for address, title in (("/login", "HMIS login (sandbox)"), ("/hmis", "HMIS login (sandbox)")):
            assert person.open(address).headings == [title]
        assert person.open("/reset-password").headings == ["Reset Password"]


def test_a_login_makes_the_account_stay(backend: RunningBackend, person: Person) -> None:
    backend.patch_active(CASEY, True)
    assert IN in person.log_in(CASEY, DEMO).text
    backend.clock.advance(timedelta(days=2))
    assert extension(backend.find(CASEY))["state"] == "active"
    assert IN in person.open("/hmis/").text


def test_five_wrong_passwords_lock_and_the_hour_opens(backend: RunningBackend, person: Person) -> None:
    for _ in range(WRONG_PASSWORDS_THAT_LOCK - 1):
        assert WRONG in person.log_in(ADA, "guess").text
    assert LOCKED in person.log_in(ADA, "guess").text
    assert extension(backend.find(ADA))["lockedUntil"] == "2026-11-23T19:00:00Z"
    assert LOCKED in person.log_in(ADA, DEMO).text
    backend.clock.advance(timedelta(minutes=59))
    assert LOCKED in person.log_in(ADA, DEMO).text
    backend.clock.advance(timedelta(minutes=1))
    assert IN in person.log_in(ADA, DEMO).text


def test_a_right_password_forgets_the_wrong_ones(person: Person) -> None:
    for _ in range(3):
        for _ in range(WRONG_PASSWORDS_THAT_LOCK - 1):
            assert WRONG in person.log_in(ADA, "guess").text
        assert IN in person.log_in(ADA, DEMO).text


def test_the_screen_does_not_tell_which_names_exist(backend: RunningBackend, person: Person) -> None:
    """Nobody's, pending and inactive names meet the same lock, so that five tries tell nothing either."""
    for name in (NOBODY, PENNY, CASEY, ADA):
        answers = [person.log_in(name, "guess").text for _ in range(WRONG_PASSWORDS_THAT_LOCK + 1)]
        assert [LOCKED in answer for answer in answers] == [False] * 4 + [True] * 2, name
    assert LOCKED in person.log_in(CASEY, DEMO).text
    backend.clock.advance(timedelta(hours=1))
    assert INACTIVE in person.log_in(CASEY, DEMO).text
    assert WRONG in person.log_in(NOBODY, DEMO).text


def test_a_reactivation_opens_the_lock_that_was_never_on_record(
    backend: RunningBackend, person: Person
) -> None:
    for _ in range(WRONG_PASSWORDS_THAT_LOCK):
        person.log_in(CASEY, "guess")
    assert LOCKED in person.log_in(CASEY, DEMO).text
    backend.patch_active(CASEY, True)
    assert IN in person.log_in(CASEY, DEMO).text


def test_a_password_that_came_over_scim(backend: RunningBackend, person: Person) -> None:
    schemas = ["urn:ietf:params:scim:schemas:core:2.0:User"]
    body = {"schemas": schemas, "userName": "kim@work.example", "password": "from another program"}
    made = backend.scim.post("/Users", json=body)
    assert "from another" not in made.text
    assert IN in person.log_in("kim@work.example", "from another program").text
    operation = {"op": "replace", "path": "password", "value": "and a second one"}
    patch = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation]}
    assert backend.scim.patch(f"/Users/{made.json()['id']}", json=patch).status_code == 200
    assert WRONG in person.log_in("kim@work.example", "from another program").text
    assert IN in person.log_in("kim@work.example", "and a second one").text


def test_guesses_at_the_same_moment_all_count(backend: RunningBackend) -> None:
    answers: list[Page] = []

    def guess() -> None:
        with Person(backend) as somebody:
            answers.append(somebody.log_in(ADA, "guess"))

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(WRONG in answer.text for answer in answers) == WRONG_PASSWORDS_THAT_LOCK - 1
    assert extension(backend.find(ADA))["state"] == "locked"


def test_strangers_are_forgotten_in_time(backend: RunningBackend) -> None:
    now, rules, strangers = backend.clock.now(), backend.world.policy, Strangers()
    for _ in range(WRONG_PASSWORDS_THAT_LOCK):
        strangers.add_wrong("first", now, rules)
    assert strangers.is_locked("FIRST ", now)
    for number in range(MOST_STRANGERS):
        strangers.add_wrong(f"name {number}", now, rules)
    assert not strangers.is_locked("first", now)


def test_a_temporary_password_and_then_ones_own(backend: RunningBackend, person: Person) -> None:
    with Agent(backend) as agent:
        agent.press(agent.account_path(ADA), "/reset-password")
        assert "temporary password is in the mail" in agent.open(agent.account_path(ADA)).text
    temporary = password_in(backend.mails(ADA)[0].text)
    assert WRONG in person.log_in(ADA, DEMO).text
    page = person.log_in(ADA, temporary)
    assert "Choose your own password" in page.text
    form = page.form("/password")
    assert "at least 10 characters" in person.send(form, password="short", again="short").text
    assert "not the same" in person.send(form, password="a longer one", again="another one").text
    page = person.send(form, password="my very own words", again="my very own words")
    assert "Your password is changed" in page.text and "Choose your own" not in page.text
    with Person(backend) as other:
        assert WRONG in other.log_in(ADA, temporary).text
        assert IN in other.log_in(ADA, "my very own words").text


def test_case_2_from_the_ticket_to_the_login(backend: RunningBackend, person: Person) -> None:
    backend.api.post("/tickets", json=ticket_draft(THEO, case="2"), headers={"Idempotency-Key": "k"})
    with Agent(backend) as agent:
        agent.press(agent.account_path(THEO), "/complete-retake")
        page = agent.open("tickets/1001")
        agent.send(next(each for each in page.forms if each.fields.get("answer") == "reactivated"))
    assert IN in person.log_in(THEO, password_in(backend.mails(THEO)[0].text)).text


def test_who_is_in_is_out_when_the_account_is_not_active(backend: RunningBackend, person: Person) -> None:
    person.log_in(ADA, DEMO)
    backend.patch_active(ADA, False)
    assert person.open("/hmis/").path == "/hmis/login"


def test_another_password_ends_every_visit(backend: RunningBackend, person: Person) -> None:
    person.log_in(ADA, DEMO)
    form = person.open("/hmis/").forms[0]
    with Agent(backend) as agent:
        agent.press(agent.account_path(ADA), "/reset-password")
    assert person.open("/hmis/").path == "/hmis/login"
    form.action = "/hmis/password"
    assert person.send(form, password="my very own words", again="my very own words").path == "/hmis/login"
    assert WRONG in person.log_in(ADA, "my very own words").text


def test_log_out(person: Person) -> None:
    page = person.log_in(ADA, DEMO)
    assert "You are logged out" in person.send(page.form("/log-out")).text
    assert person.open("/hmis/").path == "/hmis/login"


def test_forms_from_elsewhere_and_without_their_token(backend: RunningBackend, person: Person) -> None:
    form = person.open("/hmis/login").form("/login")
    fields = {"user_name": ADA, "password": DEMO}
    with Person(backend) as other:
        foreign = other.open("/hmis/login").form("/login").fields["form_token"]
    for token in ("", "x", foreign, "é"):
        assert person.send(form, **{**fields, "form_token": token}).status == 403, token
    for origin in ("https://evil.example", "null"):
        answer = person.client.post(form.action, data={**form.fields, **fields}, headers={"Origin": origin})
        assert answer.status_code == 403
    assert extension(backend.find(ADA))["lastLogin"] < "2026-11-23"
    assert IN in person.send(form, **fields).text


def test_the_cookie_changes_at_the_login(person: Person) -> None:
    answer = person.client.get("/hmis/login")
    for attribute in ("HttpOnly", "SameSite=strict", "Path=/hmis"):
        assert attribute in answer.headers["set-cookie"]
    before = person.client.cookies["hmis_visit"].split(".")[0]
    person.log_in(ADA, DEMO)
    assert person.client.cookies["hmis_visit"].split(".")[0] != before


def test_headers_hosts_and_unknown_pages(shared_backend: RunningBackend) -> None:
    for path in ("login", "reset-password", "reset-password/x", "nothing", "static/hmis.css"):
        answer = shared_backend.visitor.get(f"/hmis/{path}")
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"], path
        assert answer.headers["cache-control"] == "no-store"
        evil = shared_backend.visitor.get(f"/hmis/{path}", headers={"Host": "evil.example"})
        assert evil.status_code == 400
    with Person(shared_backend) as person:
        assert person.open("/hmis/nothing").status == 404
        assert "Your account" not in person.open("/hmis/login?done=<b>Your+account</b>").text


FORGED = ["", "x", "a.9999999999..", "a.9999999999.b.c.00", "....", "a.x..." + "0" * 64, "é.1.2.3.4"]


@pytest.mark.parametrize("cookie", FORGED)
def test_forged_cookies_are_nobody(cookie: str) -> None:
    assert Visits("secret").read(cookie) is None


def test_visits_end_with_time() -> None:
    visits = Visits("secret")
    assert visits.read(visits.to_cookie(visits.begin())) is not None
    assert visits.read(visits.to_cookie(Visit("a", 1, "id", "mark"))) is None
    assert Visits("another").read(visits.to_cookie(visits.begin())) is None


def test_passwords_are_kept_as_hashes(backend: RunningBackend, tmp_path: Path) -> None:
    with backend.world.database.read() as connection:
        kept = passwords.load(connection, backend.find(ADA)["id"])
    assert kept is not None and kept.kind == "demo" and DEMO not in kept.hash
    assert passwords.matches(DEMO, kept) and not passwords.matches(DEMO, None)
    assert passwords.kept_form("the same", "own").hash != passwords.kept_form("the same", "own").hash
    assert DEMO.encode() not in (tmp_path / "backend.db").read_bytes()


def test_the_demo_password_is_told(shared_backend: RunningBackend) -> None:
    with Agent(shared_backend) as agent:
        assert DEMO in agent.open(agent.account_path(CASEY)).text
    page = (Path(__file__).parents[2] / "backend" / "README.md").read_text("utf-8")
    assert f"`{DEMO}`" in page


def test_no_name_and_no_password_reaches_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    sandbox = start_process(tmp_path)
    with Person(RunningBackend(sandbox.url, *[None] * 5)) as person:  # type: ignore[arg-type]
        person.log_in(ADA, DEMO)
        person.log_in("somebody else", "a secret word")
        person.ask_for_link(ADA)
        person.open("/hmis/reset-password/token-in-the-address")
    assert sandbox.stop() == 0
    log = sandbox.log.read_text()
    assert "POST hmis 303" in log
    for word in ("ada", "agency", DEMO, "somebody", "secret", "token-in"):
        assert word not in log.lower(), word
