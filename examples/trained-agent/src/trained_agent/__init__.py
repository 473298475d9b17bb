"""Ships that have learned to dock."""
