"""What the book may say, for people: the reference page, JSON Schemas, examples of every setting.

Belongs here: models to documentation; ``python -m assets.catalog.docs`` regenerates ``docs/book``.
Belongs elsewhere: the models themselves (``models``).
"""
