"""Asking a language model: recordings, the store of answers, the client, prices."""
