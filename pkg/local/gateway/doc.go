// Package gateway is the one port of the local AWS. SDKs and the aws command
// reach every service at it, through AWS_ENDPOINT_URL alone.
//
// A request with an X-Amz-Target belongs to the service that the target names,
// a path of the Lambda API to Lambda, and anything else to S3. The gateway
// verifies the Signature Version 4 of the former itself, so that the services
// behind it need not, and leaves S3's, which cover streams, to the S3 gateway;
// it passes S3 requests on without touching their bodies.
//
// It listens on 127.0.0.1 and nowhere else, and refuses what a web page in a
// person's browser could send there: the services behind it hold that person's
// data. They accept one key pair. It bounds the time and the memory that bodies
// take. It does not speak TLS and knows no users, roles or policies.
package gateway
