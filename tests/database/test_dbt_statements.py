"""Statements kept when the project is prepared are sent as they are, and only where a run could not ask for others."""

import os
import shutil
import subprocess
import sys

import psycopg

from orchestration.database.connection import dbt_environment
from orchestration.database.lease import take_lease
from orchestration.paths import DBT_PROJECT

MACROS = """
{% macro asked() %}
    {{ return(run_query('select 1').rows[0][0] if execute and flags.WHICH == 'run' else 1) }}
{% endmacro %}
{% macro shouted(word) %}{{ return(word | upper) }}{% endmacro %}
"""
MODELS = {
    "of_names.sql": "{{ config(materialized='view') }} select '{{ shouted('a') }}' as letter, {{ var('n', 1) }} as n",
    "with_part.sql": "select * from {{ ref('part') }} where n < 9 -- {{ this.identifier }} {{ target.schema }}",
    "part.sql": "{{ config(materialized='ephemeral') }} select * from {{ ref('of_names') }}",
    "of_query.sql": "select {{ asked() }} as one",
    "of_environment.sql": "select '{{ env_var('HOME') }}' as home",
    "of_hook.sql": "{{ config(pre_hook=\"set local work_mem = '{{ env_var('MEM', '77MB') }}'\") }} select 1 as one",
    "of_time.sql": "select '{{ run_started_at }}' as at",
    "of_invocation.sql": "select '{{ invocation_id }}' as id",
    "of_address.sql": "select '{{ target.host }}' as host",
    "of_asked_part.sql": "select * from {{ ref('asked_part') }}",
    "asked_part.sql": "{{ config(materialized='ephemeral') }} select {{ asked() }} as one",
}
TESTS = """
models:
  - name: of_names
    columns:
      - {name: letter, data_tests: [not_null, unique]}
      - {name: n, data_tests: [{accepted_values: {arguments: {values: [7]}}}]}
"""
KEPT = {"model.tiny.of_names", "model.tiny.with_part"}
# In a process of its own: it replaces parts of the dbt that is imported.
PROGRAM = """
import sys
from pathlib import Path

from orchestration.dbt import statements
from orchestration.dbt.lean import make_lean, run_dbt

folder = Path(sys.argv[1])
statements.DBT_PROJECT = folder
make_lean()
places = ["--project-dir", str(folder), "--target-path", str(folder / "target")]
with statements.recorded() as recorder:
    assert run_dbt(["--quiet", "compile", "--no-introspect", "--no-populate-cache", *places]) == 0
tests = {name for name in recorder.nodes if name.startswith("test.")}
assert len(tests) == 3 and recorder.nodes.keys() - tests == set(sys.argv[2].split()), recorder.nodes.keys()
recorder.write(folder, "digest")
statements.load("build", folder, "another digest")
assert not statements._lanes
statements.load("build", folder, "digest")
made = statements._lanes["build"]
assert made.nodes == recorder.nodes
(folder / statements.FILE).write_bytes(b"broken")
statements.load("settle", folder, "digest")
assert "settle" not in statements._lanes

# What is sent is what was kept: a word is planted in it. The texts name another database than this run's.
def plant(text):
    return text and text.replace("'A'", "'planted'").replace(f'"{made.database}".', '"elsewhere".')


planted = {name: statements.Kept(*map(plant, kept)) for name, kept in made.nodes.items()}
statements._lanes["build"] = statements.Lane("elsewhere", planted)
code = run_dbt(["--no-use-colors", *sys.argv[3:], *places])
sys.exit(code)
"""


def test_what_depends_on_the_project_alone_is_kept_and_sent(tmp_path, database_url):
    (tmp_path / "macros").mkdir()
    (tmp_path / "models").mkdir()
    (tmp_path / "dbt_project.yml").write_text(
        "name: tiny\nprofile: apportion\nconfig-version: 2\nversion: 1.0.0\nmodels: {+materialized: table}\n"
    )
    for name in ("materializations.sql", "create_table_as.sql", "generate_schema_name.sql"):
        shutil.copy(DBT_PROJECT / "macros" / "building" / name, tmp_path / "macros")
    (tmp_path / "macros" / "own.sql").write_text(MACROS)
    (tmp_path / "models" / "tests.yml").write_text(TESTS)
    for name, text in MODELS.items():
        (tmp_path / "models" / name).write_text(text)
    lease = take_lease("build", holder="test", period_id="-", url=database_url)
    environment = {
        **os.environ,
        **dbt_environment(token=lease.token, lane="build", url=database_url),
        "DBT_LOG_PATH": str(tmp_path),
    }

    def run(*command: str) -> tuple[int, str]:
        finished = subprocess.run(
            [sys.executable, "-c", PROGRAM, str(tmp_path), " ".join(KEPT), *command],
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert "AssertionError" not in finished.stderr, finished.stderr
        return finished.returncode, finished.stdout + finished.stderr

    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("create schema if not exists build")

        def letters() -> list[tuple[str, int]]:
            return connection.execute("select letter, n from build.with_part").fetchall()

        code, printed = run("build", "--exclude", "accepted_values_of_names_n__7")
        assert code == 0 and "PASS=11" in printed, printed
        assert letters() == [("planted", 1)]
        written = tmp_path / "target" / "compiled" / "tiny" / "models" / "of_names.sql"
        assert "planted" in written.read_text(), "what was sent is left where dbt leaves it"
        # A test that fails does so by the statement that was kept, and what stands on its model is not built.
        code, printed = run("build")
        assert code == 1 and "Got 1 result, configured to fail if != 0" in printed and "SKIP=1" in printed, printed
        # Other variables are another project.
        code, printed = run("run", "--vars", "{n: 3}")
        assert code == 0 and letters() == [("A", 3)], printed
        # The lease is asserted by what is sent.
        lease.release()
        with take_lease("build", holder="other", period_id="-", url=database_url):
            code, printed = run("run", "--select", "of_names")
        assert code == 1 and "token superseded: lane build" in printed, printed
