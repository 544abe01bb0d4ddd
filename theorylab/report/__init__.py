"""What a reader sees: tables, ledgers, figures."""
