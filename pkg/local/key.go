package local

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/nightstar-elt/nightstar/pkg/local/durable"
)

// keyFile holds the access key of a directory. Only its owner can read it.
const keyFile = "key.json"

// accessKey returns the access key of a directory, and makes one the first time.
// It is random: whoever knows it can do anything with the tables and the buckets,
// and other programs on this machine, web pages among them, do not.
func accessKey(dir string) (aws.Credentials, error) {
	name := filepath.Join(dir, keyFile)
	var key struct{ AccessKeyID, SecretAccessKey string }
	text, err := os.ReadFile(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		key.AccessKeyID, key.SecretAccessKey = "NIGHTSTAR"+rand.Text()[:11], rand.Text()+rand.Text()[:14]
		if text, err = json.Marshal(key); err == nil {
			err = durable.WriteFile(name, text)
		}
	case err == nil:
		if err = json.Unmarshal(text, &key); err == nil && (key.AccessKeyID == "" || key.SecretAccessKey == "") {
			err = errors.New("no key in it")
		}
		if err != nil {
			err = fmt.Errorf("%w; delete %s, and a new key is made", err, name)
		}
	}
	if err != nil {
		return aws.Credentials{}, fmt.Errorf("read access key of %s: %w", dir, err)
	}
	return aws.Credentials{AccessKeyID: key.AccessKeyID, SecretAccessKey: key.SecretAccessKey}, nil
}
