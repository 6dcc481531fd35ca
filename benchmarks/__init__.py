"""The national-scale data set and the measurements; `make bench` runs them."""
