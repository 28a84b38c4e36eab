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

resource "natgw_secondary_private_ips" "egress" {
  nat_gateway_id                 = "nat-0123456789abcdef0"
  secondary_private_ip_addresses = ["10.0.0.20", "10.0.0.21"]
  max_drain_duration_seconds     = 350
}

output "last_change" {
  value = natgw_secondary_private_ips.egress.last_change
}
