"""The programs themselves, by what they are about."""
