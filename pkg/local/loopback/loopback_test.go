package loopback_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/local/loopback"
)

func TestCheck(t *testing.T) {
	t.Parallel()

	tests := []struct {
		host    string
		origins []string
		want    bool
	}{
		{host: "127.0.0.1:4588", want: true},
		{host: "127.0.0.1", want: true},
		{host: "127.1.2.3:1", want: true},
		{host: "localhost:4588", want: true},
		{host: "LOCALHOST", want: true},
		{host: "[::1]:4588", want: true},
		{host: "[::1]", want: true},
		{host: "", want: false},
		{host: ":4588", want: false},
		{host: "evil.example:4588", want: false},
		{host: "localhost.evil.example", want: false},
		{host: "127.0.0.1.evil.example:4588", want: false},
		{host: "10.0.0.1:4588", want: false},
		{host: "0.0.0.0:4588", want: false},
		{host: "127.0.0.1", origins: []string{"http://127.0.0.1:8080"}, want: true},
		{host: "127.0.0.1", origins: []string{"http://localhost"}, want: true},
		{host: "127.0.0.1", origins: []string{"https://evil.example"}, want: false},
		{host: "127.0.0.1", origins: []string{"http://localhost@evil.example"}, want: false},
		{host: "127.0.0.1", origins: []string{"null"}, want: false},
		{host: "127.0.0.1", origins: []string{""}, want: false},
		{host: "127.0.0.1", origins: []string{"http://localhost", "https://evil.example"}, want: false},
		{host: "127.0.0.1", origins: []string{"http://[::1"}, want: false},
	}
	for _, tt := range tests {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil)
		r.Host, r.Header["Origin"] = tt.host, tt.origins
		if err := loopback.Check(r); (err == nil) != tt.want {
			t.Errorf("host %q, origins %q: Check() = %v, want it accepted: %v", tt.host, tt.origins, err, tt.want)
		}
	}
}
