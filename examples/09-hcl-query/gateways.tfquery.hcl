list "natgw_secondary_private_ips" "network" {
  provider = natgw
  limit    = 1000

  config {
    tags = { team = "network" }
  }
}
