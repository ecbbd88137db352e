package gateway

import (
	"net"
	"net/http"
	"sync"
)

// silent are the connections that have not sent a request yet. Clients dial
// ahead of their needs, and a server that shuts down would wait for such a
// connection as for a busy one.
type silent struct {
	mu          sync.Mutex
	connections map[net.Conn]bool
}

// watch follows the state of a connection; it is an http.Server's ConnState.
func (s *silent) watch(connection net.Conn, state http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.connections == nil {
		s.connections = map[net.Conn]bool{}
	}
	if state == http.StateNew {
		s.connections[connection] = true
		return
	}
	delete(s.connections, connection)
}

// closeAll closes them. Nothing is lost: no request has begun.
func (s *silent) closeAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for connection := range s.connections {
		_ = connection.Close() //nolint:errcheck // it carries nothing
	}
}
