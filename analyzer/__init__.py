"""Turn Google Cloud log entries into incident reports."""

__version__ = "0.1.0"
