from fw_testing.conformance import conformance

test_conformance = conformance("vision")
