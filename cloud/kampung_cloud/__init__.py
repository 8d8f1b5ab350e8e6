"""The regency's side: ingest, telemetry, alarms, API and pages."""
