"""The handbook of journeys: a page for each, made from its file (`make docs`)."""
