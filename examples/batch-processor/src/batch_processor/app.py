"""The application: one blueprint for the engine, two skills for the workers.

``fw run batch_processor.app:app`` runs the engine with its API; ``… --mode worker`` runs a worker. What belongs to a
plugin that is off is simply not used.
"""

from batch_processor.blueprint import process_folder
from batch_processor.skills import inspect_file, list_folder
from framework import App

app = App("batch-processor")
app.orchestrator.register_blueprint(process_folder)
app.worker.skill("list_folder")(list_folder)
app.worker.skill("inspect_file")(inspect_file)
