"""What things are: frozen values with exact money and UTC times, free of I/O."""
