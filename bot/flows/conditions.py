"""Conditions of flows: the language of pypred, as CALM uses it, with its traps taken out.

What this wrapper changes, each row of it in `tests/bot/flows/conditions.yml`:
- an order comparison, `contains` or `matches` on values that cannot be compared is false, not an error;
- names need their namespace (`slots.x`, `context.x`), a forgotten one is an error and not a null;
- `and` and `or` side by side need parentheses, because pypred groups them from the right;
- `/re/` literals are refused: pypred only parses them alone (use `matches "re"`);
- the grammar's tables are made once and in silence; each condition is compiled once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from ply import lex, yacc  # type: ignore[import-not-found]
from pypred import ast as nodes
from pypred import parser as grammar

NAMESPACES = ("slots", "context")
ANY_NAME = "x_any"
TEMPLATE = re.compile(r"\{\{\s*(.*?)\s*\}\}")
CONTEXT_NAME = re.compile(r"context\.([A-Za-z_]\w*)$")
REGEX_LITERAL = re.compile(r"(^|[\s(])/[^/\s]")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")


class ConditionError(ValueError):
    """The text is not a condition; the message says why."""


class _Safe:
    """Mixed into pypred's operators: values that cannot be compared make the operator false."""

    def eval(self, ctx: Any) -> bool:
        try:
            return bool(super().eval(ctx))  # type: ignore[misc]
        except TypeError:
            return False


class _SafeCompare(_Safe, nodes.CompareOperator):  # type: ignore[misc]
    """`= != < <= > >= is`"""


class _SafeContains(_Safe, nodes.ContainsOperator):  # type: ignore[misc]
    """`contains`"""


SAFE = {nodes.CompareOperator: _SafeCompare, nodes.ContainsOperator: _SafeContains}


class Condition:
    """A compiled condition without templates."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.ast = _parse(text)
        problem = _first_problem(text, self.ast)
        if problem:
            raise ConditionError(problem)
        _make_safe(self.ast)

    def holds(self, slots: Mapping[str, Any], context: Mapping[str, Any]) -> bool:
        """Is it true for these values? Slots must hold every domain slot; a missing context name is null."""
        return bool(self.ast.evaluate(_Names(slots, context), None))

    def names(self) -> list[tuple[str, str]]:
        """All `(namespace, name)` it reads."""
        return [split for node in walk(self.ast) if (split := _split(node))]

    def comparisons(self) -> Iterator[tuple[str, Any]]:
        """`(slot, value)` for each equality between a slot and a literal, in either order."""
        for node in walk(self.ast):
            if isinstance(node, nodes.CompareOperator) and node.type in ("=", "!=", "is"):
                for name, other in ((node.left, node.right), (node.right, node.left)):
                    split = _split(name)
                    if split and split[0] == "slots" and _is_literal(other):
                        yield split[1], _literal(other)


class _Names:
    """What pypred asks for the value of a word; a quoted word is itself."""

    def __init__(self, slots: Mapping[str, Any], context: Mapping[str, Any]) -> None:
        self.spaces: dict[str, Mapping[str, Any]] = {"slots": slots, "context": context}

    def resolve_identifier(self, _document: Any, word: str) -> Any:
        if word[0] in "'\"":
            return word[1:-1]
        space, _, name = word.partition(".")
        return self.spaces[space].get(name)


def holds(text: str, slots: Mapping[str, Any], context: Mapping[str, Any]) -> bool:
    """Is the condition true? `{{context.x}}` is expanded first. Raises ConditionError for a bad text."""
    return compile_condition(expand(text, context)).holds(slots, context)


@lru_cache(maxsize=4096)
def compile_condition(text: str) -> Condition:
    """The condition, compiled once a text. Raises ConditionError."""
    return Condition(text)


def expand(text: str, context: Mapping[str, Any]) -> str:
    """Replace `{{context.x}}` by its value; a missing one by nothing. Raises ConditionError."""

    def value(match: re.Match[str]) -> str:
        name = CONTEXT_NAME.match(match.group(1))
        if name is None:
            raise ConditionError(f"{match.group(0)}: only {{{{context.NAME}}}} is expanded")
        found = context.get(name.group(1))
        # A quote in a value must not end the literal around it and change what the condition means.
        return "" if found is None else re.sub(r"[\"'\\]", "", str(found))

    return TEMPLATE.sub(value, text)


def is_template(text: str) -> bool:
    """Does the text hold `{{…}}`?"""
    return TEMPLATE.search(text) is not None


def without_templates(text: str) -> str:
    """The text with a word that is no slot in place of each `{{…}}`, for checks before anything runs."""
    return TEMPLATE.sub(ANY_NAME, text)


def walk(node: Any) -> Iterator[Any]:
    """The node and all below it."""
    yield node
    for name in ("left", "right"):
        if hasattr(node, name):
            yield from walk(getattr(node, name))
    if isinstance(node, nodes.LiteralSet):
        for member in node.value:
            yield from walk(member)


@lru_cache(maxsize=1)
def _tools() -> tuple[Any, Any]:
    quiet = yacc.NullLogger()
    lexer = lex.lex(module=grammar, errorlog=quiet)
    return lexer, yacc.yacc(module=grammar, debug=False, write_tables=False, errorlog=quiet)


def _parse(text: str) -> Any:
    bare = _QUOTED.sub("''", text)
    if REGEX_LITERAL.search(bare):
        raise ConditionError('/…/ is not supported; write: matches "…"')
    if bare.count('"') + bare.count("'") > 2 * text.count("''") + 2 * len(_QUOTED.findall(text)):
        raise ConditionError("a quote is not closed")
    base, parser = _tools()
    lexer = base.clone()
    lexer.errors, parser.errors = [], []
    lexer.parser = parser
    try:
        tree = parser.parse(text, lexer=lexer)
    except (SyntaxError, AttributeError, TypeError, yacc.YaccError) as error:
        raise ConditionError(str(error) or "not a condition") from error
    if lexer.errors:
        raise ConditionError(f"unexpected {str(lexer.errors[0][0])[:20]!r}")
    if parser.errors or tree is None:
        word = parser.errors[0][2] if parser.errors else text
        raise ConditionError(f"syntax error at {word!r}")
    valid, info = tree.validate()
    if not valid:
        raise ConditionError("; ".join([*info["errors"], *info["regex"].values()]))
    return tree


def _first_problem(text: str, tree: Any) -> str | None:
    if _mixes_and_with_or(text):
        return "'and' beside 'or': put one of them in parentheses"
    for node in walk(tree):
        if isinstance(node, nodes.Literal) and node.value[0] not in "'\"" and _split(node) is None:
            return f"{node.value}: names are slots.NAME or context.NAME; put texts in quotes"
    return None


def _mixes_and_with_or(text: str) -> bool:
    lexer = _tools()[0].clone()
    lexer.errors = []
    lexer.input(text)
    seen: list[set[str]] = [set()]
    for token in lexer:
        if token.type == "LPAREN":
            seen.append(set())
        elif token.type == "RPAREN" and len(seen) > 1:
            seen.pop()
        elif token.type in ("AND", "OR"):
            seen[-1].add(token.type)
            if len(seen[-1]) > 1:
                return True
    return False


def _split(node: Any) -> tuple[str, str] | None:
    if not isinstance(node, nodes.Literal) or node.value[0] in "'\"":
        return None
    space, dot, name = node.value.partition(".")
    return (space, name) if space in NAMESPACES and dot and name else None


def _is_literal(node: Any) -> bool:
    if isinstance(node, nodes.Literal):
        return bool(node.value[0] in "'\"")
    return isinstance(node, (nodes.Number, nodes.Constant))


def _literal(node: Any) -> Any:
    return node.value[1:-1] if isinstance(node, nodes.Literal) else node.value


def _make_safe(tree: Any) -> None:
    for node in walk(tree):
        for plain, safe in SAFE.items():
            if type(node) is plain:
                node.__class__ = safe
