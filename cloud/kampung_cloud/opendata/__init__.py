"""What the regency makes public: by configuration, without names of people, described in DCAT."""
