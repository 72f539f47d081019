"""Decisions: calibrated confidences, prediction sets, routing to a method, and the ensemble."""
