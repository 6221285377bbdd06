package simulator

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// newServer makes the part of a kubelet's server that the API server needs for `kubectl logs`, `port-forward` and `exec`. Only
// holders of a certificate of the sandbox's authority get in.
func newServer(logs *logbook, streams *streams, f flags) (*http.Server, error) {
	authority, err := os.ReadFile(f.clientCA)
	if err != nil {
		return nil, err
	}
	clients := x509.NewCertPool()
	if !clients.AppendCertsFromPEM(authority) {
		return nil, fmt.Errorf("%s holds no certificate", f.clientCA)
	}
	routes := http.NewServeMux()
	routes.HandleFunc("GET /containerLogs/{namespace}/{pod}/{container}", logs.serve)
	streams.serve(routes)
	routes.HandleFunc("/", func(response http.ResponseWriter, _ *http.Request) {
		http.Error(response, "containers of a sandbox are simulated: they have logs, and take port-forward and exec", http.StatusNotImplemented)
	})
	return &http.Server{
		Handler: routes, ReadHeaderTimeout: 10 * time.Second,
		TLSConfig: &tls.Config{ClientCAs: clients, ClientAuth: tls.RequireAndVerifyClientCert, MinVersion: tls.VersionTLS12},
	}, nil
}

// logOptions are those of the core API's PodLogOptions, as they arrive at a kubelet.
type logOptions struct {
	follow, previous, timestamps bool
	tail, limit                  int
	since                        time.Time
}

func (l *logbook) serve(response http.ResponseWriter, request *http.Request) {
	pod := types.NamespacedName{Namespace: request.PathValue("namespace"), Name: request.PathValue("pod")}
	container := request.PathValue("container")
	options, err := logOptionsOf(request.URL.Query())
	if err != nil {
		http.Error(response, err.Error(), http.StatusBadRequest)
		return
	}
	found := l.find(pod, container, options.previous)
	if found == nil {
		message := "container %q in pod %q is waiting to start: ContainerCreating"
		if options.previous {
			message = "previous terminated container %q in pod %q not found"
		}
		http.Error(response, fmt.Sprintf(message, container, pod.Name), http.StatusBadRequest)
		return
	}
	response.Header().Set("Content-Type", "text/plain")
	l.copy(request.Context(), response, found, options)
}

func (l *logbook) copy(ctx context.Context, response http.ResponseWriter, s *stream, options logOptions) {
	// A reader who leaves wakes the copy up, which then sees that it is over.
	stop := context.AfterFunc(ctx, l.wake)
	defer stop()
	isOver := func() bool { return ctx.Err() != nil }
	seen, left := 0, options.limit
	for more := true; more; {
		var lines []line
		lines, more = l.next(s, seen, options.follow, isOver)
		first := seen == 0
		seen += len(lines)
		if first && options.tail >= 0 {
			lines = lines[max(0, len(lines)-options.tail):]
		}
		text := options.render(lines)
		if options.limit > 0 {
			text = text[:min(len(text), left)]
			left -= len(text)
			more = more && left > 0
		}
		if _, err := response.Write(text); err != nil {
			return
		}
		_ = http.NewResponseController(response).Flush()
	}
}

func (o logOptions) render(lines []line) []byte {
	var text bytes.Buffer
	for _, line := range lines {
		if line.at.Before(o.since) {
			continue
		}
		if o.timestamps {
			text.WriteString(line.at.UTC().Format(time.RFC3339Nano) + " ")
		}
		text.WriteString(line.text + "\n")
	}
	return text.Bytes()
}

func logOptionsOf(query url.Values) (logOptions, error) {
	options := logOptions{
		follow: query.Get("follow") == "true", previous: query.Get("previous") == "true",
		timestamps: query.Get("timestamps") == "true", tail: -1,
	}
	for name, number := range map[string]*int{"tailLines": &options.tail, "limitBytes": &options.limit} {
		if value := query.Get(name); value != "" {
			parsed, err := strconv.Atoi(value)
			if err != nil || parsed < 0 {
				return options, fmt.Errorf("%s is not a number: %q", name, value)
			}
			*number = parsed
		}
	}
	if value := query.Get("sinceSeconds"); value != "" {
		seconds, err := strconv.Atoi(value)
		if err != nil {
			return options, err
		}
		options.since = time.Now().Add(-time.Duration(seconds) * time.Second)
	}
	if value := query.Get("sinceTime"); value != "" {
		since, err := time.Parse(time.RFC3339, value)
		if err != nil {
			return options, err
		}
		options.since = since
	}
	return options, nil
}
