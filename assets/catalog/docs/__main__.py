"""``python -m assets.catalog.docs``: writes the reference of the book's format anew."""

from assets.catalog.docs.reference_page import main

main()
