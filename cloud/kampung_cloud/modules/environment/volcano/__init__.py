"""Volcanoes: what PVMBG says in MAGMA Indonesia, relayed word for word, never issued and never changed here."""
