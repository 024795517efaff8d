"""`okaeri publish`, `okaeri journeys …` and `okaeri templates …`"""

import typer

journeys = typer.Typer()
templates = typer.Typer()


def publish() -> None: ...
