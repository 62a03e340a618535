"""The stock bot's one custom action: the same three calls to the sandbox that our filing makes."""

import os
import uuid

import requests
from rasa_sdk import Action

TOKEN = {"Authorization": "Bearer " + os.environ["BACKEND_TOKEN"]}
URL = os.environ["BACKEND_URL"]
EMAIL = os.environ["BENCH_EMAIL"]


class FileTicket(Action):
    def name(self):
        return "action_file_ticket"

    def run(self, dispatcher, tracker, domain):
        draft = {
            "subject": "Reactivate account",
            "requester": {"email": EMAIL, "name": "Casey Forty"},
            "verified": None,
            "row": "reactivate_account",
            "case": "1",
            "facts": ["Case: 1"],
            "asked_for": "Reactivate the account",
            "transcript": [],
            "body": "Please reactivate the account.",
        }
        key = {"Idempotency-Key": uuid.uuid4().hex}
        ticket = requests.post(URL + "/tickets", json=draft, headers={**TOKEN, **key}, timeout=5)
        query = {"filter": f'userName eq "{EMAIL}"'}
        found = requests.get(URL + "/scim/v2/Users", params=query, headers=TOKEN, timeout=5).json()[
            "Resources"
        ][0]
        operation = {"op": "replace", "path": "active", "value": True}
        patch = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation]}
        requests.patch(
            URL + "/scim/v2/Users/" + found["id"], json=patch, headers=TOKEN, timeout=5
        ).raise_for_status()
        ticket.raise_for_status()
        dispatcher.utter_message(text="Filed.")
        return []
