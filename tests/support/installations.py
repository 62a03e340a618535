"""The installations that conversations are played in: with account records, without, with other rules.

Each is the real system; they differ in one setting, or in `policy.yml` alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from common.policy import Policy, load_policy
from tests.support.stack import ROOT

POLICY = ROOT / "policy.yml"


@dataclass(frozen=True)
class Installation:
    """`folders`: those of tests/conversations that are played in it, all if empty; `policy`: changed keys."""

    name: str
    accounts: bool = True
    environ: Mapping[str, str] = field(default_factory=dict)
    policy: Mapping[str, str] = field(default_factory=dict)
    folders: tuple[str, ...] = ()

    def plays(self, folder: str) -> bool:
        return not self.folders or folder in self.folders

    def settings(self, folder: Path) -> dict[str, str]:
        """What its processes find in their environment; a changed policy is written to `folder`."""
        if not self.policy:
            return dict(self.environ)
        path = folder / "policy.yml"
        path.write_text(edited(POLICY.read_text(encoding="utf-8"), self.policy), encoding="utf-8")
        return {**self.environ, "POLICY_FILE": str(path)}

    def rules(self, folder: Path) -> Policy:
        """The policy that its processes follow."""
        return load_policy(self.settings(folder).get("POLICY_FILE", POLICY))


def edited(text: str, values: Mapping[str, str]) -> str:
    """A policy with other values for some top-level keys, everything else letter by letter as it was."""
    for key, value in values.items():
        text, count = re.subn(rf"(?m)^{re.escape(key)}: .*$", f"{key}: {value}", text)
        if count != 1:
            raise ValueError(f"policy.yml has {count} lines with {key}; expected one")
    return text


INSTALLATIONS = (
    Installation("accounts"),
    # many regions have no account API: Support reactivates, and the person's word decides the case
    Installation("no_accounts", accounts=False, environ={"ACCOUNTS": "none"}),
    # another region with the same How-To: an edit of policy.yml and nothing else
    Installation(
        "sixty_days",
        policy={"retrain_after_days": "60"},
        folders=("reactivate_account", "reactivate_again"),
    ),
)
NAMES = tuple(installation.name for installation in INSTALLATIONS)
