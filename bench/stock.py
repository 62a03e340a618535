"""The stock bot: `rasa init --no-prompt` and one custom action, trained and served by Rasa's own commands."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
import uuid
from collections.abc import Mapping
from pathlib import Path

import httpx
import yaml

from bench.measure import timed, until
from bench.ours import told
from scripts.programs import ROOT
from tests.support.stack import free_ports, python_of

FILES = ROOT / "bench" / "stock_files"
TEXTS = ("hello", "I am sad", "yes", "I am doing great", "bye")
SMALL_TALK = ("hello", "are you a bot?", "I am doing great", "bye")
FILE_IT = "please file my ticket"


class StockBot:
    """Lives in `folder`; its two processes end with `close`."""

    def __init__(self, folder: Path, backend: Mapping[str, str]) -> None:
        self.folder = folder
        self.ports = free_ports(("rest", "actions"))
        self.url = f"http://127.0.0.1:{self.ports['rest']}"
        self._environ = os.environ | {
            "RASA_TELEMETRY_ENABLED": "false",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
            **backend,
        }
        self._processes: list[subprocess.Popen[bytes]] = []
        self.pid = 0
        self._http = httpx.Client(timeout=60, trust_env=False)

    def create(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self._rasa("init", "--no-prompt", "--init-dir", str(self.folder))
        shutil.copy(FILES / "actions.py", self.folder / "actions" / "actions.py")
        shutil.copy(FILES / "nlu.yml", self.folder / "data" / "file_ticket.yml")
        shutil.copy(FILES / "rules.yml", self.folder / "data" / "file_ticket_rules.yml")
        domain = yaml.safe_load((self.folder / "domain.yml").read_text(encoding="utf-8"))
        domain["intents"].append("file_ticket")
        domain["actions"] = ["action_file_ticket"]
        (self.folder / "domain.yml").write_text(yaml.safe_dump(domain), encoding="utf-8")
        endpoint = {"action_endpoint": {"url": f"http://127.0.0.1:{self.ports['actions']}/webhook"}}
        (self.folder / "endpoints.yml").write_text(yaml.safe_dump(endpoint), encoding="utf-8")
        (self.folder / "credentials.yml").write_text("rest:\n", encoding="utf-8")

    def train(self, *, clean: bool = False) -> float:
        """Seconds of `rasa train`; `clean` forgets models and cache first."""
        if clean:
            for made in ("models", ".rasa"):
                shutil.rmtree(self.folder / made, ignore_errors=True)
        return timed(lambda: self._rasa("train"))

    def edit_response(self) -> None:
        path = self.folder / "domain.yml"
        domain = yaml.safe_load(path.read_text(encoding="utf-8"))
        domain["responses"]["utter_greet"][0]["text"] += " (edited)"
        path.write_text(yaml.safe_dump(domain), encoding="utf-8")

    def edit_story(self) -> None:
        with (self.folder / "data" / "stories.yml").open("a", encoding="utf-8") as stories:
            stories.write((FILES / "story.yml").read_text(encoding="utf-8"))

    def start(self) -> float:
        """Seconds from starting the assistant to its first answer; the action server is up before."""
        actions = ["-m", "rasa_sdk", "--actions", "actions", "-p", str(self.ports["actions"])]
        self._spawn(actions, "actions")
        until(lambda: self._is_up(f"http://127.0.0.1:{self.ports['actions']}/health"), 60, "stock actions")
        started = time.perf_counter()
        run = ["-m", "rasa", "run", "-i", "127.0.0.1", "-p", str(self.ports["rest"])]
        self.pid = self._spawn(run, "assistant").pid
        until(self._answers, 180, "the stock bot's start")
        return time.perf_counter() - started

    def conversation(self) -> str:
        return uuid.uuid4().hex

    def say(self, conversation: str, text: str) -> float:
        """Seconds of one turn over the REST channel. Raises RuntimeError when nothing comes back."""
        started = time.perf_counter()
        answer = self._http.post(
            f"{self.url}/webhooks/rest/webhook", json={"sender": conversation, "message": text}
        )
        took = time.perf_counter() - started
        if answer.status_code != 200:
            raise RuntimeError(f"the stock bot answered {answer.status_code}")
        return took

    def tell(self, words: int) -> float:
        """Seconds of a turn with so many words, as long as ours."""
        conversation = self.conversation()
        self.say(conversation, "hello")
        return self.say(conversation, told(words))

    def file_ticket(self) -> float:
        conversation = self.conversation()
        self.say(conversation, "hello")
        return self.say(conversation, FILE_IT)

    def close(self) -> None:
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._http.close()

    def _answers(self) -> bool:
        try:
            self.say(self.conversation(), "hello")
        except (httpx.TransportError, RuntimeError):
            return False
        return True

    def _is_up(self, url: str) -> bool:
        try:
            return self._http.get(url).status_code == 200
        except httpx.TransportError:
            return False

    def _rasa(self, *arguments: str) -> None:
        done = subprocess.run(
            [python_of("bot"), "-m", "rasa", *arguments],
            cwd=self.folder, env=self._environ, capture_output=True, text=True, timeout=400, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"rasa {arguments[0]} failed\n{done.stdout[-1500:]}\n{done.stderr[-1500:]}")

    def _spawn(self, arguments: list[str], name: str) -> subprocess.Popen[bytes]:
        python = python_of("bot")
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [python_of("app"), "-S", str(ROOT / "scripts/child.py"), python, *arguments],
                cwd=self.folder, env=self._environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        self._processes.append(process)
        return process
