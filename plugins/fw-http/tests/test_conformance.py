from fw_testing.conformance import conformance

test_conformance = conformance("http", use=lambda app: app.http.route("/spoons")(lambda: ["spoon"]))
