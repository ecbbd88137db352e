package local

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAccessKey(t *testing.T) {
	t.Parallel()

	one, two := t.TempDir(), t.TempDir()
	first, err := accessKey(one)
	if err != nil {
		t.Fatal(err)
	}
	again, err := accessKey(one)
	if err != nil || again != first {
		t.Errorf("the second time the key is %v, %v, want %v", again, err, first)
	}
	other, err := accessKey(two)
	if err != nil || other.AccessKeyID == first.AccessKeyID || other.SecretAccessKey == first.SecretAccessKey {
		t.Errorf("another directory has the key %v, %v; this one has %v", other, err, first)
	}
	if len(first.AccessKeyID) != 20 || len(first.SecretAccessKey) != 40 {
		t.Errorf("the key %v has not the lengths of one of AWS", first)
	}
	name := filepath.Join(one, keyFile)
	if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file has mode %v, %v, want it to be its owner's", info.Mode(), err)
	}
	for _, text := range []string{"", "{", "{}"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := accessKey(one); err == nil || !strings.Contains(err.Error(), "delete "+name) {
			t.Errorf("with %q in the file: %v, want an error that says the way out", text, err)
		}
	}
}
