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

data "natgw_nat_gateway" "egress" {
  tags = { Name = "egress-a" }
}

output "free_addresses_of_the_quota" {
  value = data.natgw_nat_gateway.egress.private_ip_address_quota - length(data.natgw_nat_gateway.egress.addresses)
}

output "addresses_in_service" {
  value = [for it in data.natgw_nat_gateway.egress.addresses : it.private_ip_address if it.status == "succeeded"]
}
