"""Carries out one approved change on one gateway, whatever EC2 answers, and says what is true afterwards.

`engine` is the way in, `converge` the change itself. Everything that is decided here is decided on plain data that is
passed down; nothing above is called back but to report progress.
"""
