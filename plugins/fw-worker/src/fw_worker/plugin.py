"""Hooks of the plugin `worker`. State lives in the component."""

from framework import App, AppReady, AppStopping, hookimpl


class WorkerPlugin:
    """Registers the component, opens its door when the application is ready, and drains it before anything stops."""

    @hookimpl
    def register(self, app: App) -> None:
        """Contribute the worker."""
        from fw_worker.observation import Observation
        from fw_worker.worker import Worker, drain_worker, open_worker

        observation = Observation(app)
        app.provide(Observation, lambda: observation)
        app.register(Worker)
        app.handles(AppReady)(open_worker)
        app.handles(AppStopping)(drain_worker)


plugin = WorkerPlugin()
