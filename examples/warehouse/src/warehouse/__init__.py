"""Robots carry boxes from shelves to docks, and stay out of each other's way."""
