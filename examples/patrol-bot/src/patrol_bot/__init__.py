"""A robot on patrol whose behaviour tree is edited while it runs."""
