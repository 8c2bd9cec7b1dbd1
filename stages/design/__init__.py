"""Which attributes a text shall have: proposing, filtering, planning, rendering prompts."""
