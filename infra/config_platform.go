package main

import (
	"fmt"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"
)

// NetworkConfig is where a new warehouse lives: in a network of its own, or in
// subnets that are there.
type NetworkConfig struct {
	CIDR           string   // of a new network, "10.61.0.0/22"
	Subnets        []string // existing, with their security groups
	SecurityGroups []string
}

// The kinds of chat.
const (
	NoChat = "none"
	Slack  = "slack"
	Teams  = "teams"
)

// ChatConfig is a channel that hears of alarms.
type ChatConfig struct {
	Kind      string
	Workspace string // Slack's workspace, or the tenant of Teams
	Team      string // Teams only
	Channel   string
}

// readPlatform reads what a platform team decides.
func readPlatform(r reader, cfg *Config) {
	cfg.Account, cfg.Region = r.maybe("account"), r.maybe("region")
	if (cfg.Account == "") != (cfg.Region == "") {
		r.refuse("account", fmt.Sprintf("is %q and region %q: pin both, or neither", cfg.Account, cfg.Region))
	}
	if cfg.Account != "" && !regexp.MustCompile(`^\d{12}$`).MatchString(cfg.Account) {
		r.refuse("account", fmt.Sprintf("is %q, not twelve digits", cfg.Account))
	}
	if cfg.Region != "" && !regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-\d$`).MatchString(cfg.Region) {
		r.refuse("region", fmt.Sprintf("is %q, not a Region such as eu-west-1", cfg.Region))
	}
	cfg.Tags = r.pairs("tags")
	for _, key := range slices.Sorted(maps.Keys(cfg.Tags)) {
		if value := cfg.Tags[key]; len(key) > 128 || len(value) > 256 || key == "" || strings.HasPrefix(strings.ToLower(key), "aws:") {
			r.refuse("tags", fmt.Sprintf("has %q = %q: a tag has a key of 1 to 128 characters that does not begin with aws:, and a value of 256 at most", key, value))
		}
	}
	cfg.Boundary = r.maybe("permissionsBoundary")
	checkARN(r, "permissionsBoundary", cfg.Boundary, "iam")
	cfg.KeyARN, cfg.TableKeyARN = r.maybe("kmsKeyArn"), r.maybe("existingTableKeyArn")
	checkKey(r, "kmsKeyArn", cfg.KeyARN, *cfg)
	checkKey(r, "existingTableKeyArn", cfg.TableKeyARN, *cfg)
	if cfg.TableKeyARN != "" && cfg.Table == "" {
		r.refuse("existingTableKeyArn", "is the key of an existing table, and existingTable names none")
	}
	cfg.Protected, cfg.LogExecutionData = r.flag("deletionProtection"), r.flag("logExecutionData")
	if cfg.Protected && !cfg.KeepData {
		r.refuse("deletionProtection", "is true, but keepData is false")
	}
}

// checkKey takes the ARN of a key. An alias is not a name in a policy.
func checkKey(r reader, key, arn string, cfg Config) {
	checkARN(r, key, arn, "kms")
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 && !strings.HasPrefix(parts[5], "key/") {
		r.refuse(key, fmt.Sprintf("is %q, not the ARN of a key: it ends in key/ and an id", arn))
	}
	checkRegion(r, key, arn, cfg)
}

// checkRegion refuses the ARN of something that is elsewhere: an export is made
// where its table is, and S3 encrypts with keys of its own Region.
func checkRegion(r reader, key, arn string, cfg Config) {
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 && cfg.Region != "" && parts[3] != cfg.Region {
		r.refuse(key, fmt.Sprintf("is in %s, the environment in %s", parts[3], cfg.Region))
	}
}

func readNetwork(r reader) NetworkConfig {
	n := NetworkConfig{CIDR: r.maybe("cidr"), Subnets: r.texts("subnetIds"), SecurityGroups: r.texts("securityGroupIds")}
	r.finish()
	if r.absent {
		return n
	}
	if n.CIDR == "" {
		if len(n.Subnets) < 2 || len(n.SecurityGroups) == 0 {
			r.refuse("subnetIds", "are not two at least, in two Availability Zones, with securityGroupIds; or give cidr for a new network")
		}
		return n
	}
	if len(n.Subnets)+len(n.SecurityGroups) > 0 {
		r.refuse("cidr", "stands beside subnetIds or securityGroupIds: make a network, or use one")
	}
	prefix, err := netip.ParsePrefix(n.CIDR)
	if err != nil || !prefix.Addr().Is4() || prefix.Masked() != prefix || prefix.Bits() < 16 || prefix.Bits() > 24 {
		r.refuse("cidr", fmt.Sprintf("is %q, not an IPv4 range of /16 to /24 such as 10.61.0.0/22", n.CIDR))
	}
	return n
}

func readChat(r reader) ChatConfig {
	c := ChatConfig{Kind: r.text("kind")}
	switch c.Kind {
	case NoChat:
	case Slack:
		c.Workspace, c.Channel = r.text("workspaceId"), r.text("channelId")
	case Teams:
		c.Workspace, c.Team, c.Channel = r.text("tenantId"), r.text("teamId"), r.text("channelId")
	default:
		if !r.absent {
			r.refuse("kind", fmt.Sprintf("is %q, not one of %s, %s, %s", c.Kind, NoChat, Slack, Teams))
		}
		return c
	}
	r.finish()
	return c
}
