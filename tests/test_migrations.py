"""From nothing to the newest tables, and these are the tables of the schema."""

import threading

import pytest
from alembic import op
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect

from storage import db, schema


def tables(engine: Engine) -> dict[str, object]:
    """All that the database knows of its tables, in an order that does not depend on how they were made."""
    look = inspect(engine)
    found = {}
    for table in set(look.get_table_names()) - {"alembic_version"}:
        columns = [
            (c["name"], str(c["type"]), c["nullable"], c.get("default") is None) for c in look.get_columns(table)
        ]
        indexes = [(i["name"], i["column_names"], i["unique"], where(i)) for i in look.get_indexes(table)]
        uniques = [(u["name"], u["column_names"]) for u in look.get_unique_constraints(table)]
        foreign = [(f["name"], f["constrained_columns"], f["referred_table"]) for f in look.get_foreign_keys(table)]
        key = look.get_pk_constraint(table)
        found[table] = (
            columns,
            sorted(indexes),
            sorted(uniques),
            sorted(foreign),
            key["name"],
            key["constrained_columns"],
        )
    return found


def where(index: dict) -> str:
    """What a partial index leaves out, in the database's own words without its brackets."""
    options = index.get("dialect_options", {})
    return str(options.get("sqlite_where", options.get("postgresql_where", ""))).strip("()")


def test_from_empty_to_head_gives_the_tables_of_the_schema(empty):
    db.upgrade(empty)
    with empty.begin() as tx:
        assert compare_metadata(MigrationContext.configure(tx, opts={"compare_type": True}), schema.meta) == []


def test_migrated_tables_are_those_that_the_schema_itself_would_make(empty):
    schema.meta.create_all(empty)
    wanted = tables(empty)
    schema.meta.drop_all(empty)
    db.upgrade(empty)
    assert tables(empty) == wanted


def test_the_open_boxes_have_their_small_indexes(empty):
    db.upgrade(empty)
    found = {i["name"]: where(i) for box in ("inbox", "outbox") for i in inspect(empty).get_indexes(box)}
    assert {name for name, still in found.items() if still == "settled IS NULL"} == {
        "ix_inbox_open",
        "ix_inbox_open_address",
        "ix_outbox_open",
        "ix_outbox_open_address",
    }
    assert {name for name, still in found.items() if still == "settled IS NOT NULL"} == {
        "ix_inbox_settled",
        "ix_outbox_settled",
    }


def test_upgrading_again_changes_nothing(empty):
    db.upgrade(empty)
    before = tables(empty)
    with empty.begin() as tx:
        tx.execute(schema.setting.insert().values(name="kept", value=[1]))
    db.upgrade(empty)
    assert tables(empty) == before
    with empty.begin() as tx:
        assert tx.execute(schema.setting.select()).one().value == [1]


def test_several_processes_that_start_at_once_upgrade_once(empty):
    url, faults = empty.url.render_as_string(hide_password=False), []

    def start() -> None:
        engine = db.connect(url)
        try:
            db.upgrade(engine)
        except Exception as fault:
            faults.append(fault)
        engine.dispose()

    starting = [threading.Thread(target=start) for _ in range(4)]
    for thread in starting:
        thread.start()
    for thread in starting:
        thread.join()
    assert faults == []
    assert tables(empty)


def test_an_upgrade_that_fails_leaves_nothing_behind(empty, monkeypatch):
    made = op.create_table

    def trip(name, *columns, **more):
        if name == "outbox":
            raise ZeroDivisionError
        return made(name, *columns, **more)

    with monkeypatch.context() as patched, pytest.raises(ZeroDivisionError):
        patched.setattr(op, "create_table", trip)
        db.upgrade(empty)
    assert inspect(empty).get_table_names() == []
    db.upgrade(empty)
    assert "outbox" in inspect(empty).get_table_names()


def test_revisions_follow_one_another_without_a_fork():
    config = Config()
    config.set_main_option("script_location", str(db.MIGRATIONS))
    assert len(ScriptDirectory.from_config(config).get_heads()) == 1


def test_a_plain_postgresql_address_gets_the_driver_we_have():
    assert db.connect("postgresql://nobody@127.0.0.1:1/none").url.drivername == "postgresql+psycopg"


def test_the_newest_revision_is_that_of_the_last_file(empty):
    config = Config()
    config.set_main_option("script_location", str(db.MIGRATIONS))
    scripts = ScriptDirectory.from_config(config)
    assert [script.revision for script in scripts.walk_revisions()] == db.revisions()[::-1]
    assert scripts.get_current_head() == db.revisions()[-1]
    with empty.begin() as tx:
        assert db.revision(tx) is None
    db.upgrade(empty)
    with empty.begin() as tx:
        assert db.revision(tx) == db.revisions()[-1]
