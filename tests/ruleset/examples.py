"""Rule texts for the tests: small, whole, and changed by one replacement at a time."""

from __future__ import annotations

__all__ = ["BASE", "CORRELATION", "FILTER", "changed"]

BASE = """\
title: Tables are missing
id: 3c0c3f4e-0f0e-4c8e-9c43-5a3f1d3f6d11
name: tables_missing
status: stable
logsource: {product: gcp, service: application}
detection:
  missing:
    message|contains: Missing tables
  all_clear:
    message|contains: no missing tables
  condition: missing and not all_clear
level: critical
falsepositives: [a test that drops tables on purpose]
references: [https://example.com/tables]
loganalyze:
  category: schema
  role: failure
  extract:
    tables: 'Missing tables: (?P<tables>.*)'
  title: "Missing tables: {{ tables | names }}"
  problem: "{{ service }} found no {{ tables | names }}."
  next_steps: ["Look at {{ revision }}"]
  tests:
    - name: as it is printed
      message: "Missing tables: ['a']"
      expect: {match: true, tables: [a]}
    - name: the all-clear
      message: no missing tables
      expect: {match: false}
"""

CORRELATION = """\
---
title: Tables are missing again and again
id: 4c0c3f4e-0f0e-4c8e-9c43-5a3f1d3f6d11
name: tables_missing_often
correlation:
  type: event_count
  rules: [tables_missing]
  group-by: [service, tables]
  timespan: 10m
  condition: {gte: 3}
level: high
loganalyze:
  category: schema
  role: failure
  title: "Missing again: {{ tables | plain }}"
  caused_by: [3c0c3f4e-0f0e-4c8e-9c43-5a3f1d3f6d11, migration]
  tests:
    - name: three times
      messages: ["Missing tables: ['a']", "Missing tables: ['a']", "Missing tables: ['a']"]
      expect: {match: true}
    - name: twice
      messages: ["Missing tables: ['a']", "Missing tables: ['a']"]
      expect: {match: false}
"""

FILTER = """\
---
title: Not in the playground
name: no_playground
logsource: {product: gcp}
filter:
  rules: [tables_missing]
  playground:
    service: playground
  condition: not playground
"""


def changed(text: str, *pairs: tuple[str, str]) -> str:
    """The text with each first part replaced by the second, once."""
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    return text
