"""Example: inspects every file of a folder, one task per file, with pull-workers on fw's orchestrator.

Read it in this order: ``app`` (what there is), ``blueprint`` (the states of the job), ``skills`` (the work), ``demo``
(one run).
"""
