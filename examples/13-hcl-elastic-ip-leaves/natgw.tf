terraform {
  required_providers {
    natgw = {
      source = "terraform.local/natgw/natgw"
    }
  }
}

provider "natgw" {
  region           = "eu-central-1"
  elastic_ip_quota = 3
}

resource "natgw_secondary_elastic_ips" "partners" {
  nat_gateway_id = "nat-0123456789abcdef0"
  allocation_ids = [for eip in aws_eip.partners : eip.id]
}

resource "natgw_secondary_elastic_ip" "crawler" {
  for_each       = aws_eip.crawler
  nat_gateway_id = "nat-0123456789abcdef1"
  allocation_id  = each.value.id
}
