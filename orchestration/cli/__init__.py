"""The command line ``apportion``: one module per group of commands.

Belongs here: arguments, what a command prints, exit codes.
Belongs elsewhere: what it does (``assets``; the assets of Dagster, which it runs in-process).
"""
