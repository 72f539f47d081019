"""Live calibration: what requested labels say of confidences, and what is in force."""
