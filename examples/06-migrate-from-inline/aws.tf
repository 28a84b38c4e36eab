provider "aws" {
  region = "eu-central-1"
}

resource "aws_nat_gateway" "egress" {
  connectivity_type = "private"
  subnet_id         = "subnet-0123456789abcdef0"

  # The inline set that was here is gone:
  # secondary_private_ip_addresses = ["10.0.0.20", "10.0.0.21"]

  lifecycle {
    ignore_changes = [secondary_private_ip_addresses, secondary_private_ip_address_count]
  }
}
