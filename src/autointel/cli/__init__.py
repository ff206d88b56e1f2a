"""The command line: Typer commands and what they print.

A file declares a family of related commands: their options, and nothing that takes long to import. A command returns
an ``Action``, which ``exits.carry_out`` runs; what the work needs is imported in the command, after its options were
checked.

To add a command:

1. Write a function with Typer annotations that returns an ``Action``, in the file of its family or in a new one. A new
   file names its section of the help: ``FAMILY: Final = "Earlier runs"``. The first line of the function's docstring
   is the line in ``autointel --help`` (at most 60 characters); an indented paragraph is printed as it stands. Options
   with ``rich_help_panel="Limits"`` stand under that heading.
2. Name it in ``pyproject.toml`` under ``[project.entry-points."autointel.commands"]``. Another package does the same in
   its own ``pyproject.toml``. A ``typer.Typer(help=...)`` instead of a function makes a group of commands.
3. ``make docs`` writes its help into docs/cli.md.

``autointel --help`` reads names and first lines from the source text, so a command is imported only when it runs.
"""
