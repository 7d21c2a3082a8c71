"""Vertical autoscaling as advice: histograms of use, what they recommend, who keeps them."""
