"""The Textual face of the desk."""
