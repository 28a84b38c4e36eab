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

module "payments" {
  source         = "./team"
  nat_gateway_id = "nat-0123456789abcdef0"
  addresses      = ["10.0.0.20", "10.0.0.21"]
}

module "search" {
  source         = "./team"
  nat_gateway_id = "nat-0123456789abcdef0"
  addresses      = ["10.0.0.30"]
}
