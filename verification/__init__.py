"""The papers: one folder each, every statement as a claim; imports theorylab's public API only."""
