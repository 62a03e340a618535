"""The report as one HTML page without scripts: headings, real tables, the reliability plot with its words."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from bot.evaluation.report import Section, percent, sections, words

Figures = Mapping[str, Any]
PAGE = Path(__file__).with_name("page.html")


def to_page(found: Figures) -> str:
    """The whole page."""
    steps = found["intents"]["all"]["reliability"]
    parts = []
    for section in sections(found):
        figure = _figure(steps) if section.key == "reliability" else ""
        parts.append(_section(section, figure))
    told = words()
    return Template(PAGE.read_text(encoding="utf-8")).substitute(
        title=escape(told["title"]),
        made=escape(told["made"].format(**found["thresholds"])),
        contents="\n".join(
            f'<li><a href="#{one.key}">{escape(one.title)}</a></li>' for one in sections(found)
        ),
        sections="\n".join(parts),
    )


def _section(section: Section, figure: str) -> str:
    heading = f'<section id="{section.key}" aria-labelledby="{section.key}-title">'
    title = f'<h2 id="{section.key}-title">{escape(section.title)}</h2>\n<p>{escape(section.note)}</p>'
    return f"{heading}\n{title}\n{figure}{_table(section)}\n</section>"


def _table(section: Section) -> str:
    if not section.rows:
        return f"<p>{escape(words()['nothing'])}</p>"
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in section.columns)
    rows = "\n".join(f"<tr>{_cells(row)}</tr>" for row in section.rows)
    caption = f"<caption>{escape(section.title)}</caption>"
    # wide tables scroll in a box of their own, which the keyboard reaches
    box = f'<div class="wide" role="region" tabindex="0" aria-labelledby="{section.key}-title">'
    return f"{box}<table>{caption}<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody></table></div>"


def _cells(row: Sequence[str]) -> str:
    first, *rest = (escape(_visible(cell)) for cell in row)
    return f'<th scope="row">{first}</th>' + "".join(f"<td>{cell}</td>" for cell in rest)


def _visible(text: str) -> str:
    """What a page cannot show is written out."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def _figure(steps: Sequence[Figures]) -> str:
    told = words()["plot"]
    points = ", ".join(f"{step['confidence']:.2f} {percent(step['right'])}" for step in steps)
    image = base64.b64encode(plot(steps)).decode("ascii")
    alt = escape(told["alt"].format(points=points), quote=True)
    source = f"data:image/svg+xml;base64,{image}"
    return f'<figure><img src="{source}" alt="{alt}" width="560" height="420"></figure>\n'


def plot(steps: Sequence[Figures]) -> bytes:
    """The share of right lines over the confidence, as SVG; shapes and words beside the colours."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    told = words()["plot"]
    figure, axes = pyplot.subplots(figsize=(7, 5.25))
    axes.plot([0, 1], [0, 1], linestyle="--", color="#555555", label=told["ideal"])
    x, y = [step["confidence"] for step in steps], [step["right"] for step in steps]
    axes.plot(x, y, marker="o", color="#0b4f8a", label=told["measured"])
    for step in steps:
        axes.annotate(
            str(step["lines"]),
            (step["confidence"], step["right"]),
            textcoords="offset points",
            xytext=(6, -12),
        )
    axes.set(xlabel=told["x"], ylabel=told["y"], xlim=(0, 1.02), ylim=(0, 1.05))
    axes.grid(color="#dddddd")
    axes.legend(loc="upper left")
    drawn = io.BytesIO()
    figure.savefig(drawn, format="svg", metadata={"Date": None}, bbox_inches="tight")
    pyplot.close(figure)
    return drawn.getvalue()
