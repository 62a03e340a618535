"""Accounts over SCIM 2.0, on the wire."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.support.backend_server import RunningBackend, extension

CASEY, THEO, LOU, PENNY, MIA, ADA = (
    f"{name}@agency.example"
    for name in ("casey.forty", "theo.longaway", "lou.locked", "penny.pending", "mia.midnight", "ada.active")
)
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
ACCOUNT = "urn:hmis-account-help:params:scim:schemas:extension:account:1.0:User"


def patch(backend: RunningBackend, address: str, *operations: dict[str, Any]) -> Any:
    body = {"schemas": [PATCH_OP], "Operations": list(operations)}
    return backend.scim.patch(f"/Users/{backend.find(address)['id']}", json=body)


FILTERS = [
    ('userName eq "casey.forty@agency.example"', 1),
    ('userName eq "CASEY.FORTY@Agency.Example"', 1),
    ('emails.value eq "casey.forty@agency.example"', 1),
    ('emails eq "casey.forty@agency.example"', 1),
    ('emails[value eq "casey.forty@agency.example"]', 1),
    ('emails[type eq "work" and value eq "casey.forty@agency.example"]', 1),
    (f'{USER}:userName eq "casey.forty@agency.example"', 1),
    ('userName eq "nobody@agency.example"', 0),
    ('externalId eq "none"', 0),
    ('id eq "none"', 0),
    ('userName eq "casey.forty@agency.example" or userName eq "ada.active@agency.example"', 2),
    ('userName eq "casey.forty@agency.example" and active eq false', 1),
    ('userName eq "casey.forty@agency.example" and active eq true', 0),
    ('userName eq "casey.forty@agency.example" or active eq true', 3),
    ('not (userName eq "casey.forty@agency.example")', 10),
    ('userName sw "n"', 2),
    ('name.familyName co "ninety"', 2),
    (f'{ACCOUNT}:state eq "inactive"', 8),
    (f'{ACCOUNT}:disabledReason eq "midnight"', 1),
    (f"{ACCOUNT}:lastLogin pr", 9),
]


@pytest.mark.parametrize(("expression", "expected"), FILTERS)
def test_filter(shared_backend: RunningBackend, expression: str, expected: int) -> None:
    answer = shared_backend.scim.get("/Users", params={"filter": expression})
    assert answer.status_code == 200, answer.text
    assert answer.json()["totalResults"] == expected
    searched = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": expression}
    assert shared_backend.scim.post("/Users/.search", json=searched).json()["totalResults"] == expected


BAD_FILTERS = ["userName", 'userName is "a"', 'userName eq "a" and', "nonsense eq 1", 'active gt "a"', "("]


@pytest.mark.parametrize("expression", BAD_FILTERS)
def test_bad_filter(shared_backend: RunningBackend, expression: str) -> None:
    answer = shared_backend.scim.get("/Users", params={"filter": expression})
    assert (answer.status_code, answer.json()["scimType"]) == (400, "invalidFilter")
    assert answer.headers["content-type"].startswith("application/scim+json")
    assert answer.json()["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
    assert answer.json()["status"] == "400"


def test_quotes_in_a_filter_stay_a_value(any_backend: RunningBackend) -> None:
    nasty = 'o\'hara\\" or userName pr or \\"%'
    answer = any_backend.scim.get("/Users", params={"filter": f'userName eq "{nasty}"'})
    assert answer.json()["totalResults"] == 0


def test_pages_and_order(any_backend: RunningBackend) -> None:
    names: list[str] = []
    for start in (1, 5, 9, 13):
        page = any_backend.scim.get(
            "/Users", params={"startIndex": start, "count": 4, "sortBy": "userName"}
        ).json()
        assert (page["totalResults"], page["startIndex"]) == (11, start)
        names += [user["userName"] for user in page.get("Resources", [])]
    assert names == sorted(names) and len(set(names)) == 11
    assert any_backend.scim.get("/Users", params={"count": 0}).json()["totalResults"] == 11


def test_only_the_attributes_asked_for(shared_backend: RunningBackend) -> None:
    user_id = shared_backend.find(CASEY)["id"]
    some = shared_backend.scim.get(
        f"/Users/{user_id}", params={"attributes": f"userName,{ACCOUNT}:state"}
    ).json()
    assert some == {
        "schemas": [USER, ACCOUNT],
        "id": user_id,
        "userName": CASEY,
        ACCOUNT: {"state": "inactive"},
    }
    rest = shared_backend.scim.get(f"/Users/{user_id}", params={"excludedAttributes": "emails"}).json()
    assert "emails" not in rest and rest["userName"] == CASEY


def test_create_replace_delete(any_backend: RunningBackend) -> None:
    scim = any_backend.scim
    body = {"schemas": [USER], "userName": "new@agency.example", "externalId": "x-1", "password": "s3cret"}
    made = scim.post("/Users", json=body)
    assert made.status_code == 201
    user = made.json()
    assert made.headers["location"] == user["meta"]["location"]
    assert user["active"] is True and extension(user)["state"] == "active" and "password" not in user
    assert scim.get(user["meta"]["location"]).json() == user
    assert scim.get("/Users", params={"filter": 'externalId eq "x-1"'}).json()["totalResults"] == 1

    twice = scim.post("/Users", json=body | {"userName": "NEW@agency.example"})
    assert (twice.status_code, twice.json()["scimType"]) == (409, "uniqueness")

    renamed = {"schemas": [USER], "userName": "newer@agency.example", "displayName": "Newer"}
    after = scim.put(f"/Users/{user['id']}", json=renamed).json()
    assert after["userName"] == "newer@agency.example" and "externalId" not in after
    assert after["active"] is True

    assert scim.delete(f"/Users/{user['id']}").status_code == 204
    assert scim.get(f"/Users/{user['id']}").status_code == 404
    assert scim.delete(f"/Users/{user['id']}").status_code == 404


def test_created_inactive_is_the_administrators_doing(backend: RunningBackend) -> None:
    made = backend.scim.post("/Users", json={"schemas": [USER], "userName": "off@a.example", "active": False})
    assert extension(made.json())["disabledReason"] == "administrator"


def test_what_the_server_computes_is_ignored_when_a_client_sends_it(backend: RunningBackend) -> None:
    body = {
        "schemas": [USER, ACCOUNT],
        "userName": "sly@a.example",
        ACCOUNT: {"state": "locked"},
        "id": "mine",
    }
    user = backend.scim.post("/Users", json=body).json()
    assert extension(user)["state"] == "active" and user["id"] != "mine"


REFUSED = [
    ({"op": "replace", "path": f"{ACCOUNT}:state", "value": "active"}, "mutability"),
    ({"op": "replace", "path": f"{ACCOUNT}:lastLogin", "value": "2026-11-23T10:00:00Z"}, "mutability"),
    ({"op": "add", "path": f"{ACCOUNT}:trainings", "value": [{"course": "retake"}]}, "mutability"),
    ({"op": "replace", "path": "id", "value": "x"}, "mutability"),
    ({"op": "remove", "path": "userName"}, "mutability"),
    ({"op": "replace", "path": "nonsense", "value": "x"}, "invalidPath"),
    ({"op": "replace", "path": "active", "value": "perhaps"}, "invalidValue"),
    ({"op": "jump", "path": "active", "value": True}, "invalidValue"),
    ({"op": "remove"}, "noTarget"),
    ({"op": "replace", "path": "userName", "value": LOU}, "uniqueness"),
    ({"op": "replace", "path": "userName", "value": "x" * 400}, "invalidValue"),
]


@pytest.mark.parametrize(("operation", "kind"), REFUSED, ids=str)
def test_refused_patch_changes_nothing(
    shared_backend: RunningBackend, operation: dict[str, Any], kind: str
) -> None:
    before = shared_backend.find(ADA)
    answer = patch(shared_backend, ADA, {"op": "replace", "path": "nickName", "value": "A"}, operation)
    assert answer.status_code in (400, 409) and answer.json()["scimType"] == kind, answer.text
    assert shared_backend.find(ADA) == before


PATCHES = [
    ({"op": "replace", "path": "name.givenName", "value": "Adah"}, "name.givenName", "Adah"),
    ({"op": "add", "path": "nickName", "value": "A"}, "nickName", "A"),
    ({"op": "replace", "value": {"title": "Lead"}}, "title", "Lead"),
    (
        {"op": "Replace", "path": 'emails[type eq "work"].value', "value": "a@b.example"},
        "emails.0.value",
        "a@b.example",
    ),
    (
        {"op": "add", "path": "emails", "value": [{"value": "h@b.example", "type": "home"}]},
        "emails.1.type",
        "home",
    ),
    ({"op": "remove", "path": "displayName"}, "displayName", None),
    ({"op": "remove", "path": 'emails[type eq "work"]'}, "emails", None),
]


@pytest.mark.parametrize(("operation", "where", "expected"), PATCHES, ids=lambda value: str(value)[:60])
def test_patch(backend: RunningBackend, operation: dict[str, Any], where: str, expected: Any) -> None:
    answer = patch(backend, ADA, operation)
    assert answer.status_code == 200, answer.text
    found: Any = backend.find(ADA)
    for part in where.split("."):
        found = found[int(part)] if part.isdecimal() else found.get(part)
    assert found == expected
    assert backend.find(ADA)["active"] is True


def test_an_account_is_found_by_its_new_address(any_backend: RunningBackend) -> None:
    patch(
        any_backend,
        ADA,
        {"op": "replace", "path": 'emails[type eq "work"].value', "value": "Ada@New.example"},
    )
    for address, expected in (("ada@new.example", 1), (ADA, 0)):
        found = any_backend.scim.get("/Users", params={"filter": f'emails.value eq "{address}"'}).json()
        assert found["totalResults"] == expected


def test_reactivation_in_case_1(any_backend: RunningBackend) -> None:
    user = any_backend.patch_active(CASEY, True)
    assert user["active"] is True
    found = extension(user)
    assert (found["state"], found["logInBy"]) == ("active", "2026-11-24T08:00:00Z")
    assert found["reactivatedOn"] == "2026-11-23T18:00:00Z"
    [mail] = any_backend.mails(CASEY)
    assert "temporary password" not in mail.text

    any_backend.clock.advance(timedelta(hours=3))
    again = extension(any_backend.patch_active(CASEY, True))
    assert again["reactivatedOn"] == "2026-11-23T18:00:00Z"
    assert len(any_backend.mails(CASEY)) == 1

    any_backend.clock.advance(timedelta(hours=11))
    lapsed = any_backend.find(CASEY)
    assert lapsed["active"] is False and extension(lapsed)["disabledReason"] == "midnight"
    renewed = extension(any_backend.patch_active(CASEY, True))
    assert (renewed["state"], renewed["logInBy"]) == ("active", "2026-11-25T08:00:00Z")


def test_reactivation_in_case_2_mails_a_temporary_password(any_backend: RunningBackend) -> None:
    answer = any_backend.patch_active(THEO, True)
    [mail] = any_backend.mails()
    assert mail.to == THEO and "Your temporary password: " in mail.text
    password = mail.text.partition("Your temporary password: ")[2].split()[0]
    assert password not in str(answer)


@pytest.mark.parametrize(("address", "state", "active"), [(LOU, "locked", True), (PENNY, "pending", False)])
def test_reactivation_neither_unlocks_nor_skips_the_queue(
    backend: RunningBackend, address: str, state: str, active: bool
) -> None:
    user = backend.patch_active(address, True)
    assert (extension(user)["state"], user["active"]) == (state, active)
    assert "reactivatedOn" not in extension(user) and backend.mails() == []


def test_deactivation_is_the_administrators(backend: RunningBackend) -> None:
    found = extension(backend.patch_active(ADA, False))
    assert (found["state"], found["disabledReason"]) == ("inactive", "administrator")


def test_a_patch_of_something_else_leaves_an_inactive_account_inactive(backend: RunningBackend) -> None:
    patch(backend, MIA, {"op": "replace", "path": "nickName", "value": "M"})
    assert extension(backend.find(MIA))["disabledReason"] == "midnight"


def test_put_reactivates_too(backend: RunningBackend) -> None:
    user = backend.find(CASEY)
    answer = backend.scim.put(f"/Users/{user['id']}", json=user | {"active": True})
    assert answer.status_code == 200 and extension(answer.json())["state"] == "active"


def test_the_lock_opens_with_the_clock(backend: RunningBackend) -> None:
    assert extension(backend.find(LOU))["lockedUntil"] == "2026-11-23T18:40:00Z"
    backend.clock.advance(timedelta(minutes=40))
    assert extension(backend.find(LOU))["state"] == "active"
    assert "lockedUntil" not in extension(backend.find(LOU))


@pytest.mark.parametrize(
    "path",
    ["/ServiceProviderConfig", "/ResourceTypes", "/ResourceTypes/User", "/Schemas", f"/Schemas/{ACCOUNT}"],
)
def test_discovery(shared_backend: RunningBackend, path: str) -> None:
    assert shared_backend.scim.get(path).status_code == 200
    assert shared_backend.scim.post(path, json={}).status_code == 405


def test_the_account_extension_is_published_read_only(shared_backend: RunningBackend) -> None:
    schema = shared_backend.scim.get(f"/Schemas/{ACCOUNT}").json()
    published = {attribute["name"]: attribute["mutability"] for attribute in schema["attributes"]}
    names = {
        "state", "lastLogin", "lockedUntil", "disabledReason", "reactivatedOn", "logInBy", "trainings",
    }  # fmt: skip
    assert published == dict.fromkeys(names, "readOnly")


@pytest.mark.parametrize("header", [None, "Bearer wrong", "Basic dG9rZW4=", "Bearer", ""])
@pytest.mark.parametrize("path", ["/Users", "/Users/1", "/Schemas", "/nothing"])
def test_nothing_without_the_token(shared_backend: RunningBackend, path: str, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = shared_backend.visitor.get(f"/scim/v2{path}", headers=headers)
    assert answer.status_code == 401 and answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]


BODIES = [b"", b"nonsense", b"[]", b"null", b"\xff\xfe", b"[" * 100_000]


@pytest.mark.parametrize("body", BODIES, ids=lambda body: repr(body[:10]))
def test_a_body_that_is_no_object(shared_backend: RunningBackend, body: bytes) -> None:
    answer = shared_backend.scim.post("/Users", content=body)
    assert (answer.status_code, answer.json()["scimType"]) == (400, "invalidSyntax")


def test_a_body_that_is_too_large(shared_backend: RunningBackend) -> None:
    answer = shared_backend.scim.post("/Users", content=b'{"userName":"' + b"x" * 600_000)
    assert answer.status_code == 413 and answer.json()["status"] == "413"
