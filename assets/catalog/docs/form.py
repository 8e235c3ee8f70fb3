"""One chapter of the book's reference.

Belongs here: the shape that the chapters' modules (``docs.examples`` and its neighbours) fill and ``docs`` prints.
Belongs elsewhere: titles, sentences and examples.
"""

from dataclasses import dataclass

from pydantic import BaseModel


@dataclass(frozen=True, slots=True)
class Form:
    """One chapter: heading, text, the models whose fields are listed, an example and the file it would stand in."""

    title: str
    text: str
    file: str
    models: tuple[type[BaseModel], ...] = ()
    example: str = ""
    example_text: str = ""
    level: int = 2
