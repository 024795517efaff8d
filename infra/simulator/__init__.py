"""Journeys played in memory: the real use cases between ports that are dicts, on a clock that is moved by hand."""
