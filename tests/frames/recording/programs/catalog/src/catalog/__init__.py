"""A catalogue of goods."""
