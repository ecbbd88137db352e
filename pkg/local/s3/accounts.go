package s3

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/versity/versitygw/auth"
)

// accounts knows one account. versitygw's own service for that case, which it
// also announces on standard output, answers an unknown access key with a
// message of its administration interface; S3 says InvalidAccessKeyId.
type accounts struct {
	auth.IAMService

	root auth.Account
}

func newAccounts(keys aws.Credentials) accounts {
	root := auth.Account{Access: keys.AccessKeyID, Secret: keys.SecretAccessKey, Role: auth.RoleAdmin}
	return accounts{IAMService: auth.NewIAMServiceSingle(root), root: root}
}

// GetUserAccount returns the account of an access key.
func (a accounts) GetUserAccount(access string) (auth.Account, error) {
	if access == a.root.Access {
		return a.root, nil
	}
	return auth.Account{}, auth.ErrNoSuchUser
}
