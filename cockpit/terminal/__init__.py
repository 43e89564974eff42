"""The line: what reaches the terminal and how."""
