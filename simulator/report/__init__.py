"""Summaries of runs, charts as text, benchmarks. Import the module that is needed: some cost time.

summary    the result as frozen structs, its JSON and JSON Schema
runner     runs a scenario with its script
collect    world -> summary
text       summary -> lines of text
chart      small charts as text
"""
