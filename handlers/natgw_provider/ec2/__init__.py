"""The engine that carries a change of one gateway out: reading, waiting, calling once, and telling how it ended.

It stands on `aws` and `core` and knows nothing of Terraform's values. `change` is cheap to import.
"""
