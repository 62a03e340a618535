"""Runs the trained graph node by node, in an order that is worked out once.

Rasa's runner builds and sorts the graph anew at each call, twice or more a turn, and hands it to dask. The
nodes and what they compute are the same.
"""

from __future__ import annotations

from typing import Any

from rasa.core.processor import MessageProcessor
from rasa.engine.graph import GraphNode, GraphSchema
from rasa.engine.runner.dask import DaskGraphRunner


class PlannedRunner:
    """Takes the place of `processor.graph_runner`; same `run`, same errors from the nodes."""

    def __init__(self, schema: GraphSchema, nodes: dict[str, GraphNode]) -> None:
        self._schema = schema
        self._nodes = nodes
        self._plans: dict[tuple[str, ...], list[tuple[str, GraphNode, tuple[str, ...]]]] = {}

    def run(self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None) -> dict[str, Any]:
        wanted = tuple(targets or self._schema.target_names)
        plan = self._plans.get(wanted)
        if plan is None:
            plan = self._plans[wanted] = self._plan(wanted)
        results: dict[str, tuple[str, Any]] = {name: (name, value) for name, value in (inputs or {}).items()}
        for name, node, needs in plan:
            results[name] = node(*(results.get(need, need) for need in needs))
        return {name: results[name][1] for name in wanted}

    def _plan(self, targets: tuple[str, ...]) -> list[tuple[str, GraphNode, tuple[str, ...]]]:
        """The nodes that the targets need, each after what it needs."""
        plan: dict[str, tuple[str, GraphNode, tuple[str, ...]]] = {}

        def visit(name: str) -> None:
            if name in plan or name not in self._schema.nodes:
                return
            needs = tuple(self._schema.nodes[name].needs.values())
            for need in needs:
                visit(need)
            plan[name] = (name, self._nodes[name], needs)

        for target in targets:
            visit(target)
        return list(plan.values())


def quicken(processor: MessageProcessor) -> None:
    """Replace the processor's runner; a runner of another kind is left as it is."""
    runner = processor.graph_runner
    if isinstance(runner, DaskGraphRunner):
        processor.graph_runner = PlannedRunner(runner._graph_schema, runner._instantiated_nodes)
