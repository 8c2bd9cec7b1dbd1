"""Texts to give away: Parquet, and a card that says what they are."""
