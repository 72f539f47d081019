"""One module a question; each has `measure(bench) -> Section`."""
