terraform {
  required_providers {
    natgw = {
      source = "terraform.local/natgw/natgw"
    }
  }
}

provider "natgw" {
  region = "eu-central-1"
}

import {
  to = natgw_secondary_private_ips.egress
  id = "nat-0123456789abcdef0"
}

resource "natgw_secondary_private_ips" "egress" {
  nat_gateway_id                 = aws_nat_gateway.egress.id
  secondary_private_ip_addresses = ["10.0.0.20", "10.0.0.21"]
}
