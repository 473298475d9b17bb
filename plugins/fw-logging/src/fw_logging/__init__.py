"""Structured logs for fw: JSON and console, correlation ids, redaction, on loguru."""
