"""A server that speaks to the real BigQuery client, with the view that a log bucket has in a linked dataset."""

from tests.bigquery.server import PROJECT, TABLE, Server

__all__ = ["PROJECT", "TABLE", "Server"]
