from fw_orchestrator import ActionFactory, StateMachineBlueprint
from fw_testing.conformance import conformance

idle = StateMachineBlueprint("idle", api_version="v1", api_endpoint="/jobs/idle")


@idle.handler_for("start", is_start=True, is_end=True)
def start(actions: ActionFactory) -> None: ...


SETTINGS = {"orchestrator": {"client_token": "a-client-secret", "worker_token": "a-worker-secret"}}
test_conformance = conformance("orchestrator", SETTINGS, lambda app: app.orchestrator.register_blueprint(idle))
