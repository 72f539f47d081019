"""Networks: read and check a bundle, and classify pictures with its network."""
