package gateway

import (
	"net"
	"net/http"
	"testing"
	"time"
)

func TestSilent_closesOnlyConnectionsWithoutARequest(t *testing.T) {
	t.Parallel()

	dialled, far := net.Pipe()
	busy, other := net.Pipe()
	defer far.Close()
	defer other.Close()
	defer busy.Close()
	var s silent
	s.watch(dialled, http.StateNew)
	s.watch(busy, http.StateNew)
	s.watch(busy, http.StateActive)
	s.closeAll()
	if err := dialled.SetDeadline(time.Time{}); err == nil {
		t.Error("a connection that has sent nothing is still open")
	}
	if err := busy.SetDeadline(time.Time{}); err != nil {
		t.Errorf("a connection with a request was closed: %v", err)
	}
}
