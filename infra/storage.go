package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"
)

// buckets are the five buckets. CloudFormation names them: bucket names are
// taken world-wide, and nothing has to know them beforehand.
type buckets struct {
	raw, lake, rawArchive, lakeArchive, athena awss3.Bucket
}

func newBuckets(stack awscdk.Stack, cfg Config) buckets {
	s := cfg.Storage
	archived := []*awss3.LifecycleRule{{
		Id: jsii.String("archive"), Expiration: days(s.ArchiveDays),
		// Objects arrive in Standard-IA: the step archive writes them so.
		Transitions: &[]*awss3.Transition{{
			StorageClass: awss3.StorageClass_GLACIER_INSTANT_RETRIEVAL(), TransitionAfter: days(s.ArchiveGlacierDays),
		}},
	}}
	b := buckets{
		raw: newBucket(stack, cfg, "Raw", []*awss3.LifecycleRule{
			// The archive step moves exports on. This is for those that it
			// could not move, and for raw exports of a pipeline that stands still.
			{Id: jsii.String("exports"), Prefix: jsii.String("run="), Expiration: days(s.RawDays)},
		}),
		lake: newBucket(stack, cfg, "Lake", []*awss3.LifecycleRule{
			{Id: jsii.String("records"), Prefix: jsii.String("runs/"), Expiration: days(s.RecordDays)},
		}),
		rawArchive:  newBucket(stack, cfg, "RawArchive", archived),
		lakeArchive: newBucket(stack, cfg, "LakeArchive", archived),
		athena: newBucket(stack, cfg, "AthenaResults", []*awss3.LifecycleRule{
			{Id: jsii.String("results"), Expiration: days(s.AthenaDays)},
		}),
	}
	output(stack, "RawBucketName", "Exports, as DynamoDB wrote them.", b.raw.BucketName())
	output(stack, "LakeBucketName", "Parquet by item type, and the records of runs.", b.lake.BucketName())
	return b
}

// newBucket adds a private bucket. It has no versions: every object is written
// once under the name of its run, and moved as a whole.
//
// Its policy denies plain HTTP and nothing else. COPY reads Parquet through
// presigned URLs of an hour's life, so the policy may not demand younger
// signatures or one VPC endpoint:
// https://docs.aws.amazon.com/redshift/latest/dg/copy-usage_notes-copy-from-columnar.html
func newBucket(stack awscdk.Stack, cfg Config, id string, rules []*awss3.LifecycleRule) awss3.Bucket {
	all := append([]*awss3.LifecycleRule{{
		// Parts of an upload that nobody ended are billed and invisible.
		Id: jsii.String("unfinished"), AbortIncompleteMultipartUploadAfter: days(3),
	}}, rules...)
	encryption, bucketKey := awss3.BucketEncryption_S3_MANAGED, (*bool)(nil)
	if cfg.key != nil {
		// One data key for many objects: without it each of them is a call to KMS.
		encryption, bucketKey = awss3.BucketEncryption_KMS, jsii.Bool(true)
	}
	return awss3.NewBucket(stack, jsii.String(id), &awss3.BucketProps{
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(),
		ObjectOwnership:   awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED,
		Encryption:        encryption,
		EncryptionKey:     cfg.key,
		BucketKeyEnabled:  bucketKey,
		EnforceSSL:        jsii.Bool(true),
		LifecycleRules:    &all,
		RemovalPolicy:     removal(cfg),
		AutoDeleteObjects: jsii.Bool(!cfg.KeepData),
	})
}

func days(n int) awscdk.Duration { return awscdk.Duration_Days(jsii.Number(n)) }
