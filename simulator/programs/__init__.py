"""What programs print and do that run in containers: a small POSIX shell and the usual tools.

Pure: words and a view of a machine in, text and an exit code out. Nothing here knows a container,
a world or a clock of its own. ``README.md`` says what is where.
"""
