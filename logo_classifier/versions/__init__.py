"""Model versions: rules, network, calibration and policy, loaded together."""
