package lambda

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Function is one registered function.
type Function struct {
	// Name is up to 64 letters, digits, hyphens and underscores.
	Name string
	// Executable is the path of the file that is called bootstrap when it is
	// deployed, built for this machine.
	Executable string
	// Env holds the function's own environment variables, 4 KB in all. Names
	// that Lambda reserves are refused.
	Env map[string]string
	// MemoryMB is told to the function, 128 to 10240. It is not enforced.
	MemoryMB int
	// Timeout ends an invocation, at most 15 minutes.
	Timeout time.Duration
	// MaxConcurrency is the number of environments that may run at once.
	MaxConcurrency int
}

// maxEnv is Lambda's limit for the variables of a function, in bytes.
const maxEnv = 4 << 10

// checked returns the function with an absolute path, or all that is wrong with
// it.
func (f Function) checked() (Function, error) {
	var problems []error
	report := func(format string, values ...any) {
		problems = append(problems, fmt.Errorf("function %q: "+format, append([]any{f.Name}, values...)...))
	}
	isForbidden := func(r rune) bool {
		return r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}
	if f.Name == "" || len(f.Name) > 64 || strings.ContainsFunc(f.Name, isForbidden) {
		report("the name must be 1 to 64 letters, digits, hyphens or underscores")
	}
	if f.MemoryMB < 128 || f.MemoryMB > 10240 {
		report("memory of %d MB is outside 128 to 10240", f.MemoryMB)
	}
	if f.Timeout <= 0 || f.Timeout > 15*time.Minute {
		report("a timeout of %v is outside 0 to 15 minutes", f.Timeout)
	}
	if f.MaxConcurrency < 1 {
		report("a concurrency of %d is below 1", f.MaxConcurrency)
	}
	path, err := filepath.Abs(f.Executable)
	if err != nil {
		report("find executable: %w", err)
	}
	f.Executable = path
	if info, err := os.Stat(path); err != nil {
		report("find executable: %w", err)
	} else if !info.Mode().IsRegular() || info.Mode()&0o111 == 0 {
		report("%q is not an executable file", path)
	}
	size := 0
	for _, name := range slices.Sorted(maps.Keys(f.Env)) {
		size += len(name) + len(f.Env[name])
		if isReserved(name) {
			report("the variable %q is reserved", name)
		}
	}
	if size > maxEnv {
		report("variables of %d bytes exceed Lambda's limit of %d", size, maxEnv)
	}
	f.Env = maps.Clone(f.Env)
	return f, errors.Join(problems...)
}

// isReserved reports whether a function must not set a variable: those that
// Lambda reserves, and those that keep an environment private.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
func isReserved(name string) bool {
	reserved := []string{
		"_HANDLER", "_X_AMZN_TRACE_ID", "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_DEFAULT_REGION",
		"AWS_EXECUTION_ENV", "AWS_REGION", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "HOME",
		"LAMBDA_RUNTIME_DIR", "LAMBDA_TASK_ROOT", "TMPDIR",
	}
	return slices.Contains(reserved, name) || strings.HasPrefix(name, "AWS_LAMBDA_") ||
		name == "" || strings.ContainsAny(name, "=\x00")
}

// environ is the complete environment of a process of f.
func (s *Service) environ(f Function, runtimeAPI, stream, scratch string) []string {
	env := map[string]string{
		"AWS_ENDPOINT_URL": s.opts.EndpointURL,
		"LANG":             "en_US.UTF-8",
		"PATH":             "/usr/local/bin:/usr/bin/:/bin:/opt/bin",
		"TZ":               ":UTC",
	}
	maps.Copy(env, f.Env)
	maps.Copy(env, map[string]string{
		"_HANDLER":                        "bootstrap",
		"AWS_ACCESS_KEY_ID":               s.opts.Credentials.AccessKeyID,
		"AWS_DEFAULT_REGION":              s.opts.Region,
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": strconv.Itoa(f.MemoryMB),
		"AWS_LAMBDA_FUNCTION_NAME":        f.Name,
		"AWS_LAMBDA_FUNCTION_VERSION":     "$LATEST",
		"AWS_LAMBDA_INITIALIZATION_TYPE":  "on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME":       "/aws/lambda/" + f.Name,
		"AWS_LAMBDA_LOG_STREAM_NAME":      stream,
		"AWS_LAMBDA_RUNTIME_API":          runtimeAPI,
		"AWS_REGION":                      s.opts.Region,
		"AWS_SECRET_ACCESS_KEY":           s.opts.Credentials.SecretAccessKey,
		"LAMBDA_TASK_ROOT":                filepath.Dir(f.Executable),
		// The SDK would otherwise find the profile of whoever runs this.
		"HOME":   scratch,
		"TMPDIR": scratch,
	})
	if token := s.opts.Credentials.SessionToken; token != "" {
		env["AWS_SESSION_TOKEN"] = token
	}
	list := make([]string, 0, len(env))
	for _, name := range slices.Sorted(maps.Keys(env)) {
		list = append(list, name+"="+env[name])
	}
	return list
}
