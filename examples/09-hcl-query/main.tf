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
