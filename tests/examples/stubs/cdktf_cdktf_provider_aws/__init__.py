"""Stands in for the AWS provider's prebuilt bindings, 486 MB of them, with the two classes that an example uses."""
