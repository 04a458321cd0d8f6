# The standard stack for Terraform.
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "endpoint" { type = string }
variable "code" { type = string }

locals {
  names = toset(["api", "job"])
  files = fileset("${path.module}/../site/dist", "**")
}

provider "aws" {
  region                      = "us-west-2"
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  endpoints {
    cloudfront = var.endpoint
    dynamodb   = var.endpoint
    events     = var.endpoint
    iam        = var.endpoint
    lambda     = var.endpoint
    logs       = var.endpoint
    s3         = var.endpoint
    sesv2      = var.endpoint
    ssm        = var.endpoint
    sts        = var.endpoint
    wafv2      = var.endpoint
  }
}

# The scope of CloudFront lives there.
provider "aws" {
  alias                       = "global"
  region                      = "us-east-1"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  endpoints {
    wafv2 = var.endpoint
    sts   = var.endpoint
  }
}

resource "aws_iam_role" "function" {
  for_each = local.names
  name     = "bench-${each.key}"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_cloudwatch_log_group" "function" {
  for_each          = local.names
  name              = "/aws/lambda/bench-${each.key}"
  retention_in_days = 30
}

resource "aws_lambda_function" "function" {
  for_each         = local.names
  function_name    = "bench-${each.key}"
  role             = aws_iam_role.function[each.key].arn
  runtime          = "provided.al2023"
  handler          = "bootstrap"
  filename         = "${path.module}/../${each.key == "api" ? var.code : each.key}.zip"
  source_code_hash = filebase64sha256("${path.module}/../${each.key == "api" ? var.code : each.key}.zip")
}

resource "aws_lambda_function_url" "api" {
  function_name      = aws_lambda_function.function["api"].function_name
  authorization_type = "NONE"
}

resource "aws_cloudwatch_event_rule" "hourly" {
  name                = "bench-hourly"
  schedule_expression = "rate(1 hour)"
}

resource "aws_cloudwatch_event_target" "job" {
  rule = aws_cloudwatch_event_rule.hourly.name
  arn  = aws_lambda_function.function["job"].arn
}

resource "aws_dynamodb_table" "table" {
  for_each     = toset(["t1", "t2", "t3", "t4", "t5"])
  name         = "bench-${each.key}"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
}

resource "aws_ssm_parameter" "parameter" {
  for_each = toset(["p1", "p2", "p3", "p4", "p5", "p6"])
  name     = "/bench/${each.key}"
  type     = "String"
  value    = each.key
}

resource "aws_wafv2_web_acl" "edge" {
  provider = aws.global
  name     = "bench"
  scope    = "CLOUDFRONT"
  default_action {
    allow {}
  }
  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = "bench"
    sampled_requests_enabled   = true
  }
}

resource "aws_sesv2_email_identity" "main" {
  email_identity = "bench@example.com"
}

resource "aws_s3_bucket" "site" {
  bucket        = "bench-site"
  force_destroy = true
}

resource "aws_s3_object" "file" {
  for_each    = local.files
  bucket      = aws_s3_bucket.site.bucket
  key         = each.key
  source      = "${path.module}/../site/dist/${each.key}"
  source_hash = filemd5("${path.module}/../site/dist/${each.key}")
}

resource "aws_cloudfront_distribution" "main" {
  enabled             = true
  default_root_object = "index.html"
  web_acl_id          = aws_wafv2_web_acl.edge.arn
  wait_for_deployment = false
  origin {
    origin_id   = "site"
    domain_name = "bench-site.s3.us-west-2.amazonaws.com"
  }
  default_cache_behavior {
    target_origin_id       = "site"
    viewer_protocol_policy = "redirect-to-https"
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
    cache_policy_id        = "658327ea-f89d-4fab-a63d-7e88639e58f6"
  }
  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }
  viewer_certificate {
    cloudfront_default_certificate = true
  }
}
