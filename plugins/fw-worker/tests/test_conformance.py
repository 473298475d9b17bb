from fw_testing.conformance import conformance

test_conformance = conformance("worker", settings={"worker": {"token": "a-worker-secret"}})
