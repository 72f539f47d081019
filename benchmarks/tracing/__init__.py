"""What settings of a tracer gain over its defaults: fidelity, bytes and paths, type by type."""
