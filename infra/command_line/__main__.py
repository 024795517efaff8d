"""`python -m command_line` is the `okaeri` command."""

from command_line.commands import main

main()
