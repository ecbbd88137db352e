package main

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsathena"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/jsii-runtime-go"
)

// withKey returns the configuration with its key as a construct of the stack.
// Its policy is its owner's; README.md says what must be in it.
func withKey(stack awscdk.Stack, cfg Config) Config {
	if cfg.KeyARN != "" {
		cfg.key = awskms.Key_FromKeyArn(stack, jsii.String("Key"), jsii.String(cfg.KeyARN))
	}
	return cfg
}

// keyARN is the ARN of the key, or nil for keys of AWS.
func (cfg Config) keyARN() *string {
	if cfg.KeyARN == "" {
		return nil
	}
	return jsii.String(cfg.KeyARN)
}

// withKeyGrants adds what a role needs of the key to do what it may do to
// objects and secrets that are encrypted with it: to read takes Decrypt, to write
// GenerateDataKey, and to write in parts both, because a part is encrypted with
// the key of the upload
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html).
func (cfg Config) withKeyGrants(grants []grant) []grant {
	if cfg.KeyARN == "" {
		return grants
	}
	needs := map[string][]string{
		"s3:GetObject":                  {"kms:Decrypt"},
		"s3:PutObject":                  {"kms:GenerateDataKey"},
		"s3:AbortMultipartUpload":       {"kms:Decrypt"},
		"secretsmanager:GetSecretValue": {"kms:Decrypt"},
	}
	var actions []string
	for _, g := range grants {
		for _, action := range g.actions {
			actions = append(actions, needs[action]...)
		}
	}
	if len(actions) == 0 {
		return grants
	}
	slices.Sort(actions)
	return append(slices.Clone(grants), grant{actions: slices.Compact(actions), on: []*string{cfg.keyARN()}})
}

// encryptResults makes Athena encrypt its results with the key, too: a workgroup
// names the encryption and does not ask the bucket.
func encryptResults(stack awscdk.Stack, cfg Config) {
	if cfg.KeyARN == "" {
		return
	}
	const encryption = "WorkGroupConfiguration.ResultConfiguration.EncryptionConfiguration"
	athena := stack.Node().FindChild(jsii.String("Athena")).(awsathena.CfnWorkGroup) //nolint:forcetypeassert // newAthena makes it
	athena.AddPropertyOverride(jsii.String(encryption), map[string]string{"EncryptionOption": "SSE_KMS", "KmsKey": cfg.KeyARN})
}
