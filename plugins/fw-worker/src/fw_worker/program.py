"""A worker that is configuration only: `fw run fw_worker.program`, with `[worker] skills` in `fw.toml`."""

from framework import App

app = App("worker")
