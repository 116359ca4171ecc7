"""Incidents -> Report -> Markdown, JSON, HTML, text, pandas: everything redacted and made safe for where it goes."""

from __future__ import annotations

from analyzer.report.build import build
from analyzer.report.document import ReportDocument, ReportedIncident
from analyzer.report.report import Report

__all__ = ["Report", "ReportDocument", "ReportedIncident", "build"]
