"""Make the model: dataset, train, calibrate, evaluate, export. Nothing in `app` imports this."""
