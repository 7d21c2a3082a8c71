"""Trials: one run of the model as data, what came of it as data, and who carries many of them out.

See ``README.md`` in this folder. Nothing here knows sweeps, lessons or the command line.
"""
