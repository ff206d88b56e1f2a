"""The command line: Typer commands and what they print.

A file declares a family of related commands: their options, and nothing that takes long to import. A command returns
an ``Action``, which ``exits.carry_out`` runs; what the work needs is imported in the command, after its options were
checked. ``autointel --help`` reads names and first lines from the source text, so a command is imported only when it
runs. docs/contributing.md shows how to add one.
"""
