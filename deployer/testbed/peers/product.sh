#!/usr/bin/env bash
# The standard stack by the AWS CLI, one command after the other, as a pipeline without a tool would do it.
#   product.sh prepare | first | unchanged | changed     AWS: the program; the folder is the project's
set -euo pipefail
trust='{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
function_arn=arn:aws:lambda:us-west-2:000000000000:function
hash='AttributeName=id'
aws() { "$AWS" --output text "$@" >>aws-cli.log; }
kept() { "$AWS" --output text "$@"; }

prepare() {
  for name in api job changed; do
    cp "${name/changed/api}/src/data.bin" bootstrap
    [ "$name" != changed ] || echo changed >>bootstrap
    rm -f "$name.zip" && python3 -m zipfile -c "$name.zip" bootstrap
  done
  cat >distribution.json <<'JSON'
{"CallerReference": "bench", "Comment": "bench", "Enabled": true, "DefaultRootObject": "index.html",
 "Origins": {"Quantity": 1, "Items": [{"Id": "site", "DomainName": "bench-site.s3.us-west-2.amazonaws.com", "S3OriginConfig": {"OriginAccessIdentity": ""}}]},
 "DefaultCacheBehavior": {"TargetOriginId": "site", "ViewerProtocolPolicy": "redirect-to-https", "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6"}}
JSON
}

first() {
  for name in api job; do
    aws iam create-role --role-name "bench-$name" --assume-role-policy-document "$trust"
    aws logs create-log-group --log-group-name "/aws/lambda/bench-$name"
    aws logs put-retention-policy --log-group-name "/aws/lambda/bench-$name" --retention-in-days 30
    aws lambda create-function --function-name "bench-$name" --runtime provided.al2023 --handler bootstrap \
      --role "arn:aws:iam::000000000000:role/bench-$name" --zip-file "fileb://$name.zip"
  done
  aws lambda create-function-url-config --function-name bench-api --auth-type NONE
  aws events put-rule --name bench-hourly --schedule-expression 'rate(1 hour)'
  aws events put-targets --rule bench-hourly --targets "Id=job,Arn=$function_arn:bench-job"
  for number in 1 2 3 4 5; do
    aws dynamodb create-table --table-name "bench-t$number" --billing-mode PAY_PER_REQUEST \
      --attribute-definitions "$hash,AttributeType=S" --key-schema "$hash,KeyType=HASH"
  done
  for number in 1 2 3 4 5 6; do
    aws ssm put-parameter --name "/bench/p$number" --type String --value "$number"
  done
  aws wafv2 create-web-acl --region us-east-1 --scope CLOUDFRONT --name bench --default-action Allow={} \
    --visibility-config SampledRequestsEnabled=true,CloudWatchMetricsEnabled=true,MetricName=bench
  aws sesv2 create-email-identity --email-identity bench@example.com
  aws s3 mb s3://bench-site
  aws s3 sync --only-show-errors site/dist s3://bench-site
  kept cloudfront create-distribution --distribution-config file://distribution.json --query Distribution.Id >distribution.id
}

unchanged() {
  for name in api job; do
    aws iam get-role --role-name "bench-$name"
    aws logs describe-log-groups --log-group-name-prefix "/aws/lambda/bench-$name"
    aws lambda get-function --function-name "bench-$name"
  done
  aws lambda get-function-url-config --function-name bench-api
  aws events describe-rule --name bench-hourly
  aws events list-targets-by-rule --rule bench-hourly
  for number in 1 2 3 4 5; do
    aws dynamodb describe-table --table-name "bench-t$number"
  done
  aws ssm get-parameters --names /bench/p1 /bench/p2 /bench/p3 /bench/p4 /bench/p5 /bench/p6
  aws wafv2 list-web-acls --region us-east-1 --scope CLOUDFRONT
  aws sesv2 get-email-identity --email-identity bench@example.com
  aws s3 sync --only-show-errors site/dist s3://bench-site
  aws cloudfront get-distribution --id "$(cat distribution.id)"
}

changed() {
  aws lambda update-function-code --function-name bench-api --zip-file fileb://changed.zip
  aws s3 cp --only-show-errors site/dist/index.html s3://bench-site/index.html
  aws cloudfront create-invalidation --distribution-id "$(cat distribution.id)" --paths '/*'
}

"$1"
