"""The application: ``fw run`` runs the engine with its API, ``fw run --mode worker`` a worker."""

from framework import App
from predator_prey.sweeping import sweep
from predator_prey.world import simulate

app = App("predator-prey")
app.orchestrator.register_blueprint(sweep)
app.worker.skill("simulate", concurrency=1)(simulate)
