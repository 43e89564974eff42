"""Rotation Cockpit: rotate a crypto portfolio between Layer-1s, DeFi and stablecoins, from a terminal."""

__version__ = "0.1.0"
