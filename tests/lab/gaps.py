"""Captures that the rule pack does not read right yet, each with the rule that is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["GAPS"]

GAPS: Mapping[str, str] = {
    "knex/no_configuration": "no rule for a migration tool that finds no configuration file",
    "postgrator/version_twice": "no rule for two migrations of one version",
    "release/extra_tables": "no rule for tables in the database that no model defines, but for 'Extra tables'",
    "sequelize/environment_unknown": "no rule for Sequelize without a dialect for the environment",
    "sequelize/variable_missing": "no rule for Sequelize with a connection URL that is undefined",
    "sqlalchemy/validator_finds_tables_missing/split": "the rule for missing tables does not extract the list",
    "zod/logged_as_json": "no rule for zod's issues logged as JSON on one line",
}
"""``tool/scenario`` or ``tool/scenario/shape`` to what is missing; one that is closed fails until it is taken out."""
