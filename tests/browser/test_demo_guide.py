"""docs/demo.md followed word by word on the real system; screenshots stay in var/test/screenshots.

The parts run in the guide's order on one system, as a reader would play them.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.support.demo_guide import Part, load_guide
from tests.support.demo_player import GUIDE, DemoPlayer
from tests.support.stack import Stack


@pytest.fixture(scope="module")
def player(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoPlayer]:
    with Stack(tmp_path_factory.mktemp("demo")) as stack:
        opened = DemoPlayer(
            browser, stack.urls["gateway"], stack.urls["backend"], stack.secrets["CONSOLE_PASSWORD"]
        )
        yield opened
        opened.close()


@pytest.mark.parametrize("part", load_guide(GUIDE), ids=lambda part: part.title)
def test_the_guide_and_the_product_agree(player: DemoPlayer, part: Part) -> None:
    player.play(part)
