"""What a person edits or keeps: strict TOML formats and atomic writes."""
