"""`make check-links`: does every address that people are sent to still lead somewhere?

Checks the addresses of policy.yml, and every web address written out in the flows and responses. Prints one
`file:line: key: what was found` each; exit code 1 when something is broken, 2 when policy.yml cannot be read.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx

from common.policy import PolicyError, is_example, load_policy
from common.settings import SettingsError, load
from common.yaml_lines import read_mapping
from scripts.programs import ROOT

OK, LOOK, BROKEN = "ok", "look", "broken"
_AT_ONCE = 4
_SECONDS = 10.0
_MOST_REDIRECTS = 5
# The page is there, but not for a program without a login: a person has to look.
_NOT_FOR_US = (401, 403, 405, 407, 429)
_WRITTEN_OUT = re.compile(r"https?://[^\s\"'<>)\]}]+")
_EMAIL = re.compile(r"[^@\s]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


@dataclass(frozen=True)
class Address:
    """Where an address stands: `place` is `file:line`, `key` its name there."""

    place: str
    key: str
    value: str


@dataclass(frozen=True)
class Finding:
    """`state`: OK, LOOK (a person should) or BROKEN."""

    address: Address
    state: str
    message: str

    def __str__(self) -> str:
        return f"{self.address.place}: {self.address.key}: {self.message}"


def addresses_of(policy_file: Path, texts: Sequence[Path]) -> list[Address]:
    """Those of policy.yml, then those written out in other files. Raises PolicyError."""
    load_policy(policy_file)
    entries = read_mapping(policy_file).child("addresses").mapping().values()
    found = [Address(f"{_shown(one.path)}:{one.line}", one.key, one.text()) for one in entries]
    return found + [address for path in texts for address in _written_out(path)]


def _written_out(path: Path) -> Iterator[Address]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        for match in _WRITTEN_OUT.finditer(line):
            yield Address(f"{_shown(path)}:{number}", "a link", match.group().rstrip(".,;:"))


def check_all(addresses: Sequence[Address], client: httpx.Client) -> list[Finding]:
    """In the order given; each web address is asked once, however often it stands."""
    links = list(dict.fromkeys(one.value for one in addresses if _is_link(one.value)))
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        answers = dict(zip(links, threads.map(lambda link: _ask(link, client), links), strict=True))
    return [Finding(one, *(answers.get(one.value) or _read(one))) for one in addresses]


def _ask(link: str, client: httpx.Client) -> tuple[str, str]:
    """A GET whose body is not read. What it leads to is named, since a moved page often moves again."""
    if is_example(link):
        return LOOK, f"{link} is an example address; production refuses it"
    try:
        with client.stream("GET", link) as answer:
            code, end = answer.status_code, str(answer.url)
    except httpx.TooManyRedirects:
        return BROKEN, f"{link} leads round and round (more than {_MOST_REDIRECTS} redirects)"
    except httpx.TimeoutException:
        return BROKEN, f"{link} does not answer within {_SECONDS:.0f} seconds"
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return BROKEN, f"{link} cannot be reached ({type(error).__name__}: {error})"
    moved = f", and leads to {end}" if end.rstrip("/") != link.rstrip("/") else ""
    if code in _NOT_FOR_US:
        return LOOK, f"{link} answers {code}{moved}: open it in a browser"
    if code >= 400:
        return BROKEN, f"{link} answers {code}{moved}"
    return OK, f"{link} answers {code}{moved}"


def _read(address: Address) -> tuple[str, str]:
    """What is no link: a phone number, an e-mail address, hours."""
    value = address.value
    if is_example(value):
        return LOOK, f"{value} is an example; production refuses it"
    if address.key.endswith("email"):
        return (OK, value) if _EMAIL.fullmatch(value) else (BROKEN, f"{value!r} is no e-mail address")
    if address.key.endswith("phone"):
        enough = sum(character.isdigit() for character in value) >= 7
        return (OK, value) if enough else (BROKEN, f"{value!r} is no phone number")
    return OK, value


def _is_link(value: str) -> bool:
    return value.startswith(("https://", "http://"))


def _shown(path: Path) -> str:
    absolute = path.absolute()
    return str(absolute.relative_to(ROOT)) if absolute.is_relative_to(ROOT) else str(path)


def new_client(transport: httpx.BaseTransport | None = None) -> httpx.Client:
    """No cookies are kept; `transport` is where requests go, so that tests need no network."""
    return httpx.Client(
        transport=transport,
        timeout=_SECONDS,
        follow_redirects=True,
        max_redirects=_MOST_REDIRECTS,
        headers={"User-Agent": "hmis-account-help check-links", "Accept": "text/html,*/*"},
    )


def main() -> int:
    texts = [*sorted((ROOT / "flows").glob("*.yml")), ROOT / "domain.yml", ROOT / "channels" / "words.yml"]
    try:
        addresses = addresses_of(load().policy_file, texts)
    except (SettingsError, PolicyError) as error:
        print(f"check-links: {error}", file=sys.stderr)
        return 2
    with new_client() as client:
        findings = check_all(addresses, client)
    for finding in findings:
        print(f"{finding.state:<7}{finding}")
    broken = sum(finding.state == BROKEN for finding in findings)
    look = sum(finding.state == LOOK for finding in findings)
    print(f"{len(findings)} addresses: {broken} broken, {look} to look at")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
