"""The plan out: brokers behind one protocol, and the executor."""
