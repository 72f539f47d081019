"""The sections of the benchmark: one module per question, with `measure(bench) -> Section`."""
