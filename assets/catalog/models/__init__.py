"""What the book may say: one frozen pydantic model per file kind, split by subject.

Belongs here: the shape of the files and the grammar of each value.
Belongs elsewhere: reading YAML with line numbers (``reading``), rules across places (``checks``), rows (``loading``).
"""
