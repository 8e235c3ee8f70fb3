"""Settings of the embedded server: never unsafe, in proportion to the machine."""

from orchestration.database.settings import (
    FIXED_SETTINGS,
    configuration,
    memory_settings,
    processor_settings,
    shared_memory_settings,
)

GIGABYTE = 1024**3


def test_nothing_that_keeps_committed_work_is_switched_off():
    for name in ("fsync", "full_page_writes", "synchronous_commit"):
        assert FIXED_SETTINGS[name] == "on"


def test_a_large_machine_gets_what_was_measured_best():
    assert memory_settings(24 * GIGABYTE) == {
        "shared_buffers": "'512MB'",
        "work_mem": "'64MB'",
        "maintenance_work_mem": "'256MB'",
        "wal_buffers": "'256MB'",
        "effective_cache_size": "'4096MB'",
    }


def test_a_small_machine_keeps_most_of_its_memory():
    assert memory_settings(GIGABYTE)["shared_buffers"] == "'64MB'"
    assert memory_settings(GIGABYTE)["work_mem"] == "'8MB'"
    assert memory_settings(GIGABYTE)["wal_buffers"] == "'16MB'"


def test_a_container_with_little_shared_memory_joins_in_files():
    assert shared_memory_settings(64 * 1024**2) == {"dynamic_shared_memory_type": "mmap"}
    assert shared_memory_settings(8 * GIGABYTE) == {"dynamic_shared_memory_type": "posix"}


def test_the_configuration_is_one_setting_a_line():
    lines = configuration().splitlines()
    assert lines[0].startswith("#")
    assert all(" = " in line for line in lines[1:])


def test_an_index_is_built_by_no_more_processes_than_there_are_processors():
    workers = {count: processor_settings(count)["max_parallel_maintenance_workers"] for count in (1, 2, 4, 64)}
    assert workers == {1: "0", 2: "1", 4: "3", 64: "4"}
