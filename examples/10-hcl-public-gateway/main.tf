terraform {
  required_providers {
    natgw = {
      source = "terraform.local/natgw/natgw"
    }
  }
}

provider "natgw" {
  region           = "eu-central-1"
  elastic_ip_quota = 4
}

resource "natgw_secondary_elastic_ips" "egress" {
  nat_gateway_id             = "nat-0123456789abcdef0"
  allocation_ids             = ["eipalloc-0123456789abcdef1", "eipalloc-0123456789abcdef2"]
  max_drain_duration_seconds = 350
}

output "last_change" {
  value = natgw_secondary_elastic_ips.egress.last_change
}
