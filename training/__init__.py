"""Make a model version: rules, train, export, calibrate, evaluate, card, in this order."""
