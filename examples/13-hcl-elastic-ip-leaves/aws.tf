provider "aws" {
  region = "eu-central-1"
}

resource "aws_eip" "partners" {
  for_each = toset(["a", "b"])
  domain   = "vpc"

  # The set changes before an Elastic IP that has left it is destroyed.
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_eip" "crawler" {
  for_each = toset(["a", "b"])
  domain   = "vpc"
}
