"""A file that is not loaded at all, and why.

Belongs here: the one exception for a whole file, worded as found, expected, what to do.
Belongs elsewhere: rows that are not accepted while the rest of their file is (``grammars``, ``dispositions``).
"""


class FileRefused(Exception):
    """The file is kept and registered, none of its rows is loaded. The text never quotes a row's content."""

    def __init__(self, found: str, expected: str, remedy: str) -> None:
        self.found, self.expected, self.remedy = found, expected, remedy
        super().__init__(f"Found: {found}. Expected: {expected}. What to do: {remedy}.")


class NotYetComplete(Exception):
    """The file may still be on its way; it is left where it is and looked at again next time."""
