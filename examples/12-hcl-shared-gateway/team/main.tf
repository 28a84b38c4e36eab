terraform {
  required_providers {
    natgw = {
      source = "terraform.local/natgw/natgw"
    }
  }
}

variable "nat_gateway_id" {
  type = string
}

variable "addresses" {
  type = set(string)
}

resource "natgw_secondary_private_ip" "egress" {
  for_each           = var.addresses
  nat_gateway_id     = var.nat_gateway_id
  private_ip_address = each.value
}
