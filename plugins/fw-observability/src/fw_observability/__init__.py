"""Metrics for fw: counters and histograms in the Prometheus text format."""
