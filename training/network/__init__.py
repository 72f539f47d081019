"""The network: hyperparameters, data augmentation, training, and export with quantisation."""
