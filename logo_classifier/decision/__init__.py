"""Decisions: calibrated confidences, prediction sets, which method answers, and the ensemble."""
