"""Doctor"""

import typer

meta_app = typer.Typer()
privacy = typer.Typer()
quarantine = typer.Typer()
dead_letters = typer.Typer()
timers = typer.Typer()


def doctor() -> None: ...
