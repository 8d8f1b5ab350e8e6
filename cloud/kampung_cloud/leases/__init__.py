"""Several ingest processes beside one another: each takes in for whole kecamatan, under leases that PostgreSQL gives out."""
