"""One statement per model is still all that dbt promises of it: lease, hooks, contract, and a place of either kind.

And what a model's template sees is what dbt shows it, only made later.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from orchestration.database.connection import dbt_environment
from orchestration.database.lease import take_lease
from orchestration.paths import DBT_PROJECT

MACROS = ("materializations.sql", "create_table_as.sql", "generate_schema_name.sql")
MODELS = {
    # Made as the other kind by whoever was here before.
    "was_view.sql": "{{ config(materialized='table') }} select 1 as one",
    "was_table.sql": "{{ config(materialized='view') }} select 1 as one",
    "was_other_view.sql": "{{ config(materialized='view') }} select 'text' as one",
    "with_hooks.sql": (
        "{{ config(materialized='table', pre_hook=\"set local work_mem = '77MB'\", post_hook='analyze {{ this }}') }}"
        " select current_setting('work_mem') as work_mem from {{ ref('was_view') }}"
    ),
    "after_hooks.sql": "{{ config(materialized='table') }} select current_setting('work_mem') as work_mem from"
    " {{ ref('with_hooks') }}",
    "kept_contract.sql": "select 1 as number, cast(2 as numeric(8, 2)) as amount, now() as made_at",
    "other_type.sql": "select 1 as number, 2 as amount",
    "other_column.sql": "select 1 as number, cast(2 as numeric) as amounts",
    "other_order.sql": "select cast(2 as numeric) as amount, 1 as number",
    "missing_value.sql": "select cast(null as int) as number, cast(2 as numeric) as amount",
}
CONTRACTS = """
models:
{% for name in names %}
  - name: {{ name }}
    config: {materialized: table, contract: {enforced: true}}
    constraints: [{type: primary_key, columns: [number]}]
    columns:
      - {name: number, data_type: integer, constraints: [{type: not_null}]}
      - {name: amount, data_type: "numeric(8, 2)"}
{% if name == 'kept_contract' %}
      - {name: made_at, data_type: timestamptz}
{% endif %}
{% endfor %}
"""
# In a process of its own: it replaces parts of the dbt that is imported.
RUN = """
import sys
from dbt.context import providers
from orchestration.dbt.lean import make_lean, run_dbt

make_lean()
code = run_dbt(["--no-use-colors", "run", "--threads", "1", "--project-dir", sys.argv[1], "--target-path", sys.argv[2]])

from dbt import compilation
from dbt.cli.main import dbtRunner
from dbt.config import RuntimeConfig
seen = []
lean = compilation.generate_runtime_model_context


def watch(model, config, manifest):
    context = lean(model, config, manifest)
    assert len(dict.keys(context)) == 0
    seen.append((providers.generate_runtime_model_context(model, config, manifest), context, dict(**context)))
    return context


compilation.generate_runtime_model_context = watch
dbtRunner().invoke(["--quiet", "compile", "--select", "with_hooks", "--project-dir", sys.argv[1]])
((theirs, ours, all_of_ours),) = seen
assert all(name in ours for name in theirs) and "no_such_name" not in ours
assert ours.get("no_such_name", 7) == 7
for name, value in theirs.items():
    assert type(ours[name]) is type(value) or callable(value) or isinstance(value, dict), name
    macro = getattr(value, "macro", None)
    if macro is not None:
        assert ours[name].macro is macro and ours[name].node is value.node, name
for package in ("dbt", "tiny"):
    assert {name: macro.macro.unique_id for name, macro in theirs[package].items()} == {
        name: macro.macro.unique_id for name, macro in ours[package].items()
    }
assert all_of_ours.keys() == theirs.keys()
assert ours["builtins"].keys() == theirs["builtins"].keys()
assert str(ours["ref"]("was_view")) == str(theirs["ref"]("was_view"))
sys.exit(code)
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    """A dbt project of a few models with the materializations of the real one."""
    import jinja2

    folder = tmp_path_factory.mktemp("tiny")
    for name in ("macros", "models"):
        (folder / name).mkdir()
    (folder / "dbt_project.yml").write_text("name: tiny\nprofile: apportion\nconfig-version: 2\nversion: 1.0.0\n")
    for name in MACROS:
        shutil.copy(DBT_PROJECT / "macros" / "building" / name, folder / "macros")
    for name, text in MODELS.items():
        (folder / "models" / name).write_text(text)
    under_contract = [name.removesuffix(".sql") for name, text in MODELS.items() if "config(" not in text]
    (folder / "models" / "models.yml").write_text(jinja2.Template(CONTRACTS).render(names=under_contract))
    return folder


def _run(project: Path, url: str, token: int, *, options: str = "") -> tuple[int, str]:
    environment = dbt_environment(token=token, lane="build", url=url)
    finished = subprocess.run(
        [sys.executable, "-c", RUN, str(project), str(project / "target")],
        env={
            **os.environ,
            **environment,
            "DBT_LOG_PATH": str(project),
            "PGOPTIONS": f"{environment['PGOPTIONS']} {options}",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert "AssertionError" not in finished.stderr, finished.stderr
    return finished.returncode, finished.stdout + finished.stderr


def test_a_model_keeps_its_lease_its_hooks_and_its_contract(project, database_url):
    lease = take_lease("build", holder="test", period_id="-", url=database_url)
    with psycopg.connect(database_url, autocommit=True) as connection:
        for statement in (
            "create schema if not exists build",
            "create view build.was_view as select 'old' as one",
            "create view build.over_it as select * from build.was_view",
            "create table build.was_table (one text)",
            "create view build.was_other_view as select 1 as one",
            "create table build.other_type as select 'old' as number",
        ):
            connection.execute(statement)
        code, printed = _run(project, database_url, lease.token)
        assert code == 1, printed
        for expected in (
            "other_type breaks its contract: found [amount integer], expected [amount numeric]",
            "other_column breaks its contract: found [amounts numeric], expected [amount numeric]",
            "other_order breaks its contract: found [another order], expected [number integer, amount numeric]",
            'column "number" of relation "missing_value__dbt_tmp" contains null values',
            "ERROR=4",
        ):
            assert expected in printed
        kinds = dict(
            connection.execute(
                "select relname, relkind::text from pg_class where relnamespace = 'build'::regnamespace"
                " and relkind in ('r', 'v') and relname not in ('run_inputs', 'run_scope')"
            ).fetchall()
        )
        assert kinds == {
            **{"was_view": "r", "was_table": "v", "was_other_view": "v", "with_hooks": "r", "after_hooks": "r"},
            **{"kept_contract": "r", "other_type": "r"},
        }
        assert connection.execute("select number from build.other_type").fetchall() == [("old",)]
        assert connection.execute("select work_mem from build.with_hooks").fetchone() == ("77MB",)
        assert connection.execute("select work_mem from build.after_hooks").fetchone() != ("77MB",)
        assert connection.execute("select reltuples from pg_class where relname = 'with_hooks'").fetchone() == (1,)
        assert connection.execute("select one from build.was_other_view").fetchone() == ("text",)
        constraints = connection.execute(
            "select contype::text from pg_constraint where conrelid = 'build.kept_contract'::regclass order by 1"
        ).fetchall()
        assert constraints == [("n",), ("p",)]

        # One thread at a time drops what stands at a table's place, and only that waits.
        with psycopg.connect(database_url) as dropping:
            dropping.execute("drop table build.kept_contract")
            dropping.commit()
            dropping.execute("select pg_advisory_xact_lock(hashtextextended('tables dropped in lane build', 0))")
            code, printed = _run(project, database_url, lease.token, options="-c lock_timeout=200ms")
        assert code == 1 and printed.count("canceling statement due to lock timeout") == 1, printed
        assert "ERROR creating sql table model build.was_view" in printed
        assert "OK created sql table model build.kept_contract" in printed

        # Another run has taken over: nothing is written with the old token.
        lease.release()
        before = connection.execute("select oid from pg_class where relnamespace = 'build'::regnamespace").fetchall()
        with take_lease("build", holder="other", period_id="-", url=database_url):
            code, printed = _run(project, database_url, lease.token)
        assert code == 1 and "token superseded: lane build" in printed and "PASS=0" in printed, printed
        after = connection.execute("select oid from pg_class where relnamespace = 'build'::regnamespace").fetchall()
        assert sorted(before) == sorted(after)
