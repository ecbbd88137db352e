// Package loopback keeps the local services to the person at this machine.
//
// A web page that the person visits can send requests to 127.0.0.1, by a form
// without asking anybody, or under a name of its own that it has resolve to this
// machine. Browsers say so: by the Host header and by Origin.
// https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Origin
package loopback

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// Check refuses a request that is not for a loopback host, or comes from a page
// that is not of one.
func Check(r *http.Request) error {
	if !isLoopback(r.Host) {
		return fmt.Errorf("the local AWS answers requests to 127.0.0.1 and localhost; the Host of this one is %q", r.Host)
	}
	for _, origin := range r.Header.Values("Origin") {
		page, err := url.Parse(origin)
		if err != nil || !isLoopback(page.Host) {
			return fmt.Errorf("the local AWS answers no web pages of other machines; the Origin of this request is %q", origin)
		}
	}
	return nil
}

// isLoopback reports whether a host, with or without a port, is this machine.
func isLoopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	address, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && address.Unmap().IsLoopback()
}
