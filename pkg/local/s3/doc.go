// Package s3 is the Amazon S3 of the local AWS: versitygw's gateway, run in
// this process over plain files.
//
// [Start] serves one directory. Bucket nightstar-lake of directory dir is the
// folder dir/nightstar-lake and the object items/x.parquet in it is the file
// dir/nightstar-lake/items/x.parquet, so any tool that reads files reads the
// lake. ETags, checksums, content types, tags and storage classes live in the
// files' extended attributes, or, on file systems that have none, in the hidden
// folder dir/.metadata beside the buckets; a bucket's folder never holds them.
// Parts of unfinished uploads wait in the bucket's hidden folder .sgwtmp, until
// the next [Start] at most. Objects that have lost their attributes, as cp -r
// loses them, get ETags of their content.
//
// An object is on the disk, with its attributes and its name, before its request
// is answered, and never half of it. The side car is not synced: there a power
// failure can cost metadata.
//
// The gateway checks every signature against one static key pair and every
// checksum that a client sends, and refuses what does not match. The package
// adds what versitygw v1.8.0 leaves out and the pipeline relies on: storage
// classes, and If-None-Match on CopyObject.
//
// # Limits
//
// Two limits of versitygw bind the process that embeds it. It runs one gateway
// per process, so a second [Start] before [Server.Close] is an error. And its
// file backend works on paths relative to the working directory: Start changes
// the working directory of the whole process to dir, and Close changes it back.
// A program must make its other paths absolute before it calls Start.
//
// Keys follow file-system rules where S3's are wider: a key cannot be both an
// object and the folder of another, no component may exceed 255 bytes, and keys
// with an empty, . or .. component are refused.
// Lifecycle rules and versioning are refused. ListParts and
// ListMultipartUploads report class STANDARD for every upload. On a file
// system without extended attributes, a process killed while it overwrites an
// object can leave the old bytes with the new object's ETag, and an object that
// replaces another keeps those of its properties that the request does not set.
package s3
