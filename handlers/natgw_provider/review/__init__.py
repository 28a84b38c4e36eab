"""The pull-request review: what a Terraform plan does to the addresses of NAT gateways, for a person with two minutes.

Pure: plan JSON becomes a `Review`, and a review becomes Markdown, JSON or text. The package uses `core` alone, calls
nothing, and reads no clock and no file. It shows what the provider decided, as `last_change` says it.

`review` is the way in. `plan_document` reads the plan, `rows` makes a row (`gateway_change`) of each operation,
`owners` finds what else manages the gateways, and `judging` makes the `findings`. `markdown`, `text` and `as_json`
write the result, the first two in the words of `wording`.
"""
