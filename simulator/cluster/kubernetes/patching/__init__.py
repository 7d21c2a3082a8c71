"""Changes as data: merge patches, strategic ones, JSON patches; what ``apply`` makes of three."""
