"""The planned runner gives what Rasa's gives, and each node runs once."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rasa.engine.graph import ExecutionContext, GraphComponent, GraphSchema, SchemaNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage

from bot.graph_runner import PlannedRunner, quicken

RAN: list[int] = []


class Add(GraphComponent):  # type: ignore[misc]
    def __init__(self, amount: int) -> None:
        self.amount = amount

    @classmethod
    def create(cls, config: dict[str, Any], *_args: Any, **_more: Any) -> Add:
        return cls(config["amount"])

    def add(self, one: int, other: int = 0) -> int:
        RAN.append(self.amount)
        return one + other + self.amount


def node(amount: int, **needs: str) -> SchemaNode:
    return SchemaNode(
        needs=needs, uses=Add, constructor_name="create", fn="add", config={"amount": amount}, eager=True
    )


SCHEMA = GraphSchema(
    {
        "last": node(100, one="left", other="right"),
        "left": node(1, one="first"),
        "right": node(2, one="first"),
        "first": node(10, one="input"),
        "unused": node(1000, one="first"),
    }
)


@pytest.mark.parametrize("targets", [["last"], ["left"], ["left", "right"], ["first", "unused"]])
def test_same_results_and_no_node_twice(tmp_path: Path, targets: list[str]) -> None:
    own = DaskGraphRunner.create(SCHEMA, LocalModelStorage(tmp_path), ExecutionContext(SCHEMA, "m"))
    processor = SimpleNamespace(graph_runner=own)
    quicken(processor)
    planned = processor.graph_runner
    assert isinstance(planned, PlannedRunner)
    for value in (1, 5):
        RAN.clear()
        expected = own.run({"input": value}, targets)
        ran = sorted(RAN)
        RAN.clear()
        assert planned.run({"input": value}, targets) == expected
        assert sorted(RAN) == ran


def test_another_runner_is_left_alone() -> None:
    processor = SimpleNamespace(graph_runner="another")
    quicken(processor)
    assert processor.graph_runner == "another"
