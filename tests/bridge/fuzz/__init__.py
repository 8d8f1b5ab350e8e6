"""Coverage-guided fuzzing of the decoders; not collected by pytest."""
