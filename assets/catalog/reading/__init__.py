"""Files of a book into models, with the place of every value and every problem.

Belongs here: strict YAML and CSV, the wording of a problem.
Belongs elsewhere: the grammar of a value (``models``), rules across places (``checks``).
"""
