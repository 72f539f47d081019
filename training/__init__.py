"""Make the model: rules, train, export, calibrate, evaluate, card, in this order."""
