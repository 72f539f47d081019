"""Model versions: rules, network, calibration and policy, loaded as one value."""
