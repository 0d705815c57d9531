"""Recognisers: transcription with the artefacts of each runtime."""
