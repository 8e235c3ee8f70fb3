"""Models kept in a trial's database as dbt compiled them, so that a quote need not start dbt.

Belongs here: relations and one function made of what dbt compiles, and whether they are those of the code in force.
Belongs elsewhere: the trial (``orchestration.dbt.trial``), any SQL (``dbt_project``), how a bill run is built.

dbt compiles for any book: what a bill run leaves out for want of rules (macro ``has_rows``) is here and finds nothing.
"""

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from assets.rows import first_value
from orchestration.paths import DBT_COMMAND, DBT_PROJECT

FUNCTION = "build_models"


class CompileFailed(RuntimeError):
    """dbt could not compile the models; the message is what it said."""


def kept_for(connection: psycopg.Connection, lane: str) -> str | None:
    """What the relations of the lane were last made for: its comment."""
    return first_value(connection.execute("select obj_description(to_regnamespace(%s), 'pg_namespace')", [lane]))


def keep(connection: psycopg.Connection, lane: str, made_for: str) -> None:
    """Note what the relations of the lane are made for."""
    connection.execute(sql.SQL("comment on schema {} is {}").format(sql.Identifier(lane), sql.Literal(made_for)))


def compile_models(models: Sequence[str], target: Path, environment: Mapping[str, str]) -> list[dict[str, Any]]:
    """The models and what they stand on, compiled, what is read first in front: nodes of dbt's manifest.

    Raises:
        CompileFailed: dbt ended with an error.
    """
    command = [
        *(*DBT_COMMAND, "compile", "--quiet"),
        *("--select", *(f"+{model}" for model in models)),
        *("--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)),
        *("--target-path", str(target), "--log-path", str(target)),
    ]
    finished = subprocess.run(
        command, cwd=DBT_PROJECT, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    if finished.returncode != 0:
        raise CompileFailed(finished.stdout + finished.stderr)
    nodes = json.loads((target / "manifest.json").read_text())["nodes"]
    ordered: dict[str, dict[str, Any]] = {}

    def visit(name: str) -> None:
        if name in ordered or not name.startswith("model."):
            return
        for above in nodes[name]["depends_on"]["nodes"]:
            visit(above)
        ordered[name] = nodes[name]

    for model in models:
        visit(f"model.apportion.{model}")
    return list(ordered.values())


def make_relations(connection: psycopg.Connection, lane: str, nodes: Sequence[dict[str, Any]]) -> None:
    """Replace whatever stands at the models' places, and make the function that fills the tables among them."""
    kinds = {"r": "table", "v": "view"}
    standing: dict[str, str] = dict(
        connection.execute(
            "select relname, relkind::text from pg_class where relnamespace = %s::regnamespace and relname = any(%s)",
            [lane, [node["name"] for node in nodes]],
        ).fetchall()
    )
    for name, kind in standing.items():
        # What stands on another that has gone is gone too.
        connection.execute(
            sql.SQL("drop {} if exists {} cascade").format(sql.SQL(kinds[kind]), sql.Identifier(lane, name))
        )
    fill = []
    for node in nodes:
        kind = "table" if node["config"]["materialized"] == "table" else "view"
        relation, code = node["relation_name"], node["compiled_code"]
        connection.execute(f"create {kind} {relation} as {code}")
        fill += [f"delete from {relation};", f"insert into {relation} {code};"] if kind == "table" else []  # noqa: S608
    connection.execute(
        f"create or replace function {lane}.{FUNCTION}() returns void language plpgsql as $models$ begin\n"
        f"perform control.assert_token('{lane}');\n" + "\n".join(fill) + "end $models$"
    )


def fill_tables(connection: psycopg.Connection, lane: str) -> None:
    """Fill the tables from the rows as they are, in one transaction that holds the lane's lease."""
    connection.execute(sql.SQL("select {}()").format(sql.Identifier(lane, FUNCTION)))
