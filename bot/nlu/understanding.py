"""The understanding of one text without Rasa: intent, ranking, entities. Evaluation and tests use it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.nlu.clauses import understood_clauses
from bot.nlu.encoder import CachedEncoder, shared_encoder
from bot.nlu.facts import spot_facts
from bot.nlu.fitting import fit
from bot.nlu.intent_model import Array, IntentModel, Ranked
from bot.nlu.places import var_dir
from bot.nlu.respelling import Respelling, respelling
from bot.nlu.spoken import spoken
from bot.nlu.training_lines import read_lines

DATA = Path(__file__).resolve().parents[2] / "data" / "nlu"


@dataclass(frozen=True)
class Understanding:
    """A fitted model with its encoder."""

    model: IntentModel
    encoder: Any
    respell: Respelling

    @classmethod
    def trained(cls, data: Path = DATA, cache: Path | None = None) -> Understanding:
        """Fit on data/nlu (a few seconds once the sentence vectors are cached)."""
        encoder = CachedEncoder(shared_encoder(), cache or var_dir() / "cache")
        lines = read_lines(data)
        texts = [line.text for line in lines]
        model = fit(texts, encoder.encode(texts), [line.intent for line in lines])
        return cls(model, encoder, respelling(model.surface, shared_encoder().knows))

    def rank(self, texts: Sequence[str]) -> list[list[Ranked]]:
        """All intents of each text, most likely first."""
        texts = [self.respell(spoken(text)) for text in texts]
        vectors: Array = self.encoder.encode(texts)
        return [self.model.rank(text, vector) for text, vector in zip(texts, vectors, strict=False)]

    def parse(self, text: str) -> dict[str, Any]:
        """One text as Rasa's parse data, without last_login (bot/dates)."""
        ranking = [{"name": r.intent, "confidence": r.confidence} for r in self.rank([text])[0][:3]]
        entities = [fact.to_json() for fact in spot_facts(text)]
        parse = {"text": text, "intent": ranking[0], "intent_ranking": ranking, "entities": entities}
        return {**parse, "clauses": understood_clauses(text, self.rank)}
