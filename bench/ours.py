"""This assistant, trained from a copy of its inputs and served as `make run` serves it."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from bench.measure import timed
from scripts.programs import ROOT
from tests.support.stack import Stack, python_of

EMAIL = "casey.forty@agency.example"
TEXTS = ("hello", "My account is inactive", "about six weeks ago", "cancel", "thanks")
SMALL_TALK = ("hello", "are you a bot?", "what can you do?", "thanks")
TO_THE_SUMMARY = ("My account is inactive", "about six weeks ago", EMAIL, "Casey Forty")
# Sentences of no row, no date and no name: at every length the answer is the same next question.
SENTENCE = "the yearly report of our program stays empty when we press the button for the whole county "


def told(words: int) -> str:
    """A message of so many words."""
    return " ".join((SENTENCE * (words // len(SENTENCE.split()) + 1)).split()[:words])


class Training:
    """Trains a copy of the inputs in `folder`, so that edits touch nothing."""

    def __init__(self, folder: Path) -> None:
        self.inputs = folder / "assistant"
        self.var = folder / "var"

    def prepare(self) -> None:
        shutil.rmtree(self.inputs.parent, ignore_errors=True)
        self.inputs.mkdir(parents=True)
        for name in ("config.yml", "domain.yml", "policy.yml"):
            shutil.copy(ROOT / name, self.inputs / name)
        for name in ("data", "flows"):
            shutil.copytree(ROOT / name, self.inputs / name)

    def train(self) -> float:
        environ = os.environ | {"ASSISTANT_DIR": str(self.inputs), "VAR_DIR": str(self.var)}
        return timed(lambda: self._run(environ))

    def edit_response(self) -> None:
        """One more sentence at the end of the first response's first text."""
        path = self.inputs / "domain.yml"
        text = path.read_text(encoding="utf-8")
        place = text.index("\n", text.index("text:", text.index("responses:")))
        line = text[text.rindex("\n", 0, place) + 1 : place]
        block = line.rstrip().endswith(("|", ">", "|-", ">-"))
        if block:
            place = text.index("\n", place + 1)
            edited = text[:place] + " Edited." + text[place:]
        else:
            quote = line.rstrip()[-1] if line.rstrip()[-1] in "\"'" else ""
            cut = place - len(quote)
            edited = text[:cut] + " Edited." + text[cut:]
        path.write_text(edited, encoding="utf-8")

    def edit_flow(self) -> None:
        path = self.inputs / "flows" / "reactivate_account.yml"
        text = path.read_text(encoding="utf-8")
        changed = text.replace("name: Reactivate my account\n", "name: Reactivate my old account\n", 1)
        if changed == text:
            raise RuntimeError("the flow to edit has another name now")
        path.write_text(changed, encoding="utf-8")

    def _run(self, environ: Mapping[str, str]) -> None:
        done = subprocess.run(
            [python_of("bot"), "-m", "bot.train"],
            cwd=ROOT, env=dict(environ), capture_output=True, text=True, timeout=400, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"training failed\n{done.stdout[-1500:]}\n{done.stderr[-1500:]}")


class OurBot:
    """Speaks through the public gateway; each conversation seems to come from an address of its own."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._http = httpx.Client(base_url=f"{stack.urls['gateway']}/api/v1", timeout=60, trust_env=False)
        self._sources = 0

    @property
    def pid(self) -> int:
        return self._stack.processes["assistant"].pid

    def start(self) -> float:
        """Seconds from starting the assistant anew to its first answer."""
        self._stack.stop("assistant")
        started = time.perf_counter()
        self._stack.start("assistant")
        self.say(self.conversation(), "hello")
        return time.perf_counter() - started

    def conversation(self) -> dict[str, Any]:
        """A new conversation after its greeting."""
        self._sources += 1
        source = f"10.0.{self._sources // 250}.{self._sources % 250 + 1}"
        made = self._http.post("/conversations", json={}, headers={"X-Forwarded-For": source})
        made.raise_for_status()
        opened: dict[str, Any] = made.json()
        opened["headers"] = {"X-Forwarded-For": source, "Authorization": f"Bearer {opened['token']}"}
        return opened

    def say(self, conversation: Mapping[str, Any], text: str) -> float:
        """Seconds of one turn. Raises RuntimeError when the answer is not there at once."""
        return self._post(conversation, {"text": text})[0]

    def tell(self, words: int) -> float:
        """Seconds of the turn that answers a question in the person's own words, `words` of them."""
        conversation = self.conversation()
        self.say(conversation, "I have a question for HMIS support")
        return self.say(conversation, told(words))

    def file_ticket(self) -> float:
        """Seconds of the turn that files the ticket and reactivates the account."""
        conversation = self.conversation()
        for text in TO_THE_SUMMARY:
            _, messages = self._post(conversation, {"text": text})
        button = messages[-1]["buttons"][0]
        took, messages = self._post(conversation, {"button": button["id"]})
        if "1" not in messages[0]["text"]:
            raise RuntimeError(f"no ticket was filed: {messages}")
        return took

    def _post(
        self, conversation: Mapping[str, Any], said: dict[str, str]
    ) -> tuple[float, list[dict[str, Any]]]:
        path = f"/conversations/{conversation['conversation_id']}/messages"
        body = {"client_id": uuid.uuid4().hex, **said}
        started = time.perf_counter()
        answer = self._http.post(path, json=body, headers=conversation["headers"])
        took = time.perf_counter() - started
        if answer.status_code != 200:
            raise RuntimeError(f"the gateway answered {answer.status_code}: {answer.text[:300]}")
        return took, list(answer.json()["messages"])

    def close(self) -> None:
        self._http.close()
