"""Evaluation of a model version: scores, robustness, report and model card."""
