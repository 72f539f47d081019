"""A trial: a candidate version beside the one that serves, as an A/B test or in its shadow."""
