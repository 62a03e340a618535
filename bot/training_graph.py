"""Rasa's training from its own parts, as `rasa.model_training` has it, with our importer and storage."""

from __future__ import annotations

import tempfile
from pathlib import Path

import rasa.engine.validation
from rasa.engine.caching import LocalTrainingCache
from rasa.engine.recipes.recipe import Recipe
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.training.graph_trainer import GraphTrainer
from rasa.shared.data import TrainingType

from bot.importer import make_importer
from bot.slim_model import SlimModelStorage


def train_graph(config: Path, domain: Path, data: Path, model: Path, force: bool) -> None:
    """Train what changed since the cache knows it, and write the archive `model`; raises RasaException."""
    importer = make_importer(config, domain, data)
    recipe = Recipe.recipe_for_name(importer.get_config().get("recipe"))
    filled_in, _missing, _given = recipe.auto_configure(
        importer.get_config_file_for_auto_config(), importer.get_config(), TrainingType.BOTH
    )
    graph = recipe.graph_config_for_recipe(
        filled_in, {}, training_type=TrainingType.BOTH, is_finetuning=False
    )
    rasa.engine.validation.validate(graph)
    with tempfile.TemporaryDirectory() as folder:
        trainer = GraphTrainer(SlimModelStorage(Path(folder)), LocalTrainingCache(), DaskGraphRunner)
        trainer.train(graph, importer, model, force_retraining=force)
