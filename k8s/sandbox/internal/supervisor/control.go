package supervisor

import (
	"context"
	"net"
	"net/http"
	"os"
	"time"
)

// serveControl answers on the control socket: GET /state tells the state, POST /stop ends the sandbox and answers when
// everything has ended, POST /restart?program=NAME&away=DURATION kills a program and starts it again. Whoever may open the socket file (its owner) may do both. That somebody answers at all proves
// that this sandbox lives, which a process id does not: ids are used again.
func serveControl(
	socket string, record *record, stop func(), restart func(program string, away time.Duration) error,
) (close func(), err error) {
	_ = os.Remove(socket)
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(socket, 0o600); err != nil {
		return nil, err
	}
	routes := http.NewServeMux()
	routes.HandleFunc("GET /state", func(response http.ResponseWriter, _ *http.Request) {
		content, err := record.json()
		if err != nil {
			http.Error(response, err.Error(), http.StatusInternalServerError)
			return
		}
		response.Header().Set("Content-Type", "application/json")
		_, _ = response.Write(content)
	})
	routes.HandleFunc("POST /stop", func(response http.ResponseWriter, _ *http.Request) {
		stop()
		response.WriteHeader(http.StatusNoContent)
	})
	routes.HandleFunc("POST /restart", func(response http.ResponseWriter, request *http.Request) {
		away, err := time.ParseDuration(request.URL.Query().Get("away"))
		if err == nil {
			err = restart(request.URL.Query().Get("program"), away)
		}
		if err != nil {
			http.Error(response, err.Error(), http.StatusConflict)
			return
		}
		response.WriteHeader(http.StatusNoContent)
	})
	server := &http.Server{Handler: routes}
	go func() { _ = server.Serve(listener) }()
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = server.Shutdown(ctx)
	}, nil
}
