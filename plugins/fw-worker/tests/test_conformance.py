from fw_testing.conformance import conformance

SETTINGS = {"worker": {"token": "a-worker-secret", "url": "http://127.0.0.1:9"}}  # where nobody answers
test_conformance = conformance("worker", SETTINGS, use=lambda app: app.worker.skill("nap")(lambda: None))
