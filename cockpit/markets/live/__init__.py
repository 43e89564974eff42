"""The live market: public data of the venues and of the chains, asked by one network thread."""
