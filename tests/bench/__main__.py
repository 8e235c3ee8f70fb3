"""``make bench``: the yardsticks of the design, as ratios measured in one run.

Belongs here: what is measured and how it is printed. Belongs elsewhere: the floor (``floor``), the pipeline (``path``),
documents (``pages``). Machines are shared and noisy: quote the ratios, not the seconds.
"""

import argparse
import os
import tempfile
from pathlib import Path

import psycopg

from tests.bench import floor, pages, path


def main() -> None:
    """Measure and print; nothing is kept but the lines printed."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--events", type=int, default=int(os.environ.get("EVENTS", "1000000")))
    parser.add_argument("--customers", type=int, default=int(os.environ.get("CUSTOMERS", "300")))
    parser.add_argument("--bills", type=int, default=60, help="bills to render")
    arguments = parser.parse_args()

    from orchestration.database.server import EmbeddedServer

    with tempfile.TemporaryDirectory(prefix="apportion-bench-") as temporary:
        home = Path(temporary)
        os.environ["APPORTION_HOME"] = str(home)
        server = EmbeddedServer(home / "postgres")
        url = server.start()
        os.environ["APPORTION_DATABASE_URL"] = url
        try:
            made_seconds = path.generate(home / "inbox", arguments.events, arguments.customers)
            print(f"generated {arguments.events:,} events of {arguments.customers:,} customers in {made_seconds:.1f} s")
            with psycopg.connect(url) as connection:
                floor_seconds = floor.measure(connection, home / "inbox", home / "floor")
            print(f"floor: COPY of the same files and one copy of the tables {floor_seconds:.2f} s")
            measured = path.measure(url, home)
            measured.print_report(arguments.events, floor_seconds)
            pages.measure(arguments.bills).print_report()
        finally:
            server.stop()


if __name__ == "__main__":
    main()
