package simulator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/cri-streaming/pkg/streaming/portforward"
	"k8s.io/cri-streaming/pkg/streaming/remotecommand"
	utilexec "k8s.io/utils/exec"
)

const (
	// How long a connection may be idle, and a stream of it take to come: a kubelet's own (pkg/kubelet/server).
	streamIdle     = 4 * time.Hour
	streamCreation = 30 * time.Second
)

// life is that of a pod, from its binding on.
type life struct {
	pod *corev1.Pod
	ctx context.Context
}

// streams is the part of a kubelet's server that `kubectl port-forward` and `kubectl exec` need: connections to the ports of
// a pod, and commands in its containers. Both end with the pod.
type streams struct {
	logs  *logbook
	mutex sync.Mutex
	lives map[types.NamespacedName]life
}

func newStreams(logs *logbook) *streams {
	return &streams{logs: logs, lives: map[types.NamespacedName]life{}}
}

func (s *streams) begin(ctx context.Context, pod *corev1.Pod) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.lives[nameOf(pod)] = life{pod, ctx}
}

func (s *streams) forget(pod *corev1.Pod) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if found, known := s.lives[nameOf(pod)]; known && found.pod.UID == pod.UID {
		delete(s.lives, nameOf(pod))
	}
}

// find takes a name as `NAMESPACE/NAME`.
func (s *streams) find(name string) (life, error) {
	space, own, _ := strings.Cut(name, "/")
	s.mutex.Lock()
	defer s.mutex.Unlock()
	found, known := s.lives[types.NamespacedName{Namespace: space, Name: own}]
	if !known || found.ctx.Err() != nil {
		return life{}, fmt.Errorf("pod %s does not run", name)
	}
	return found, nil
}

func (s *streams) serve(routes *http.ServeMux) {
	routes.HandleFunc("/portForward/{namespace}/{pod}", func(response http.ResponseWriter, request *http.Request) {
		options, err := portforward.NewV4Options(request)
		if err != nil {
			http.Error(response, err.Error(), http.StatusBadRequest)
			return
		}
		portforward.ServePortForward(response, request, s, podNameOf(request), "", options, streamIdle, streamCreation, portforward.SupportedProtocols)
	})
	routes.HandleFunc("/exec/{namespace}/{pod}/{container}", func(response http.ResponseWriter, request *http.Request) {
		options, err := remotecommand.NewOptions(request)
		if err != nil {
			http.Error(response, err.Error(), http.StatusBadRequest)
			return
		}
		command := request.URL.Query()["command"]
		remotecommand.ServeExec(response, request, s, podNameOf(request), "", request.PathValue("container"), command, options, streamIdle, streamCreation,
			remotecommand.SupportedStreamingProtocols)
	})
}

func podNameOf(request *http.Request) string {
	return request.PathValue("namespace") + "/" + request.PathValue("pod")
}

// PortForward connects a port of a pod to a port of this machine's loopback, as the annotation `forward` says (`80=41234`).
func (s *streams) PortForward(ctx context.Context, name, _ string, port int32, stream io.ReadWriteCloser) error {
	found, err := s.find(name)
	if err != nil {
		return err
	}
	target, err := forwardOf(found.pod, port)
	if err != nil {
		return err
	}
	connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", net.JoinHostPort("127.0.0.1", target))
	if err != nil {
		return err
	}
	defer connection.Close()
	stop := context.AfterFunc(found.ctx, func() {
		connection.Close()
		stream.Close()
	})
	defer stop()
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		_, _ = io.Copy(connection, stream)
		_ = connection.(*net.TCPConn).CloseWrite()
	}()
	if _, err := io.Copy(stream, connection); err != nil && !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

func forwardOf(pod *corev1.Pod, port int32) (string, error) {
	for _, pair := range strings.Fields(pod.Annotations[forwardKey]) {
		if from, to, _ := strings.Cut(pair, "="); from == strconv.Itoa(int(port)) {
			return to, nil
		}
	}
	return "", fmt.Errorf("failed to connect to localhost:%d of the simulated pod: nothing listens there (%s: %d=PORT)", port, forwardKey, port)
}

// ExecInContainer plays the few programs of a simulated container.
func (s *streams) ExecInContainer(
	ctx context.Context, name, _, container string, command []string, in io.Reader, out, _ io.WriteCloser, tty bool,
	resize <-chan remotecommand.TerminalSize, _ time.Duration,
) error {
	found, err := s.find(name)
	if err != nil {
		return err
	}
	if log := s.logs.find(nameOf(found.pod), container, false); log == nil || log.closed {
		return fmt.Errorf("container %s of pod %s is not running", container, name)
	}
	ctx, end := context.WithCancel(ctx)
	defer end()
	stop := context.AfterFunc(found.ctx, end)
	defer stop()
	t := newTerminal(in, out, tty, found.pod.Annotations[programsKey] == "none")
	go t.listen(ctx, resize)
	ended := make(chan error, 1)
	go func() {
		status, err := t.run(command)
		if err == nil && status != 0 {
			err = utilexec.CodeExitError{Err: fmt.Errorf("command terminated with exit code %d", status), Code: status}
		}
		ended <- err
	}()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		// As a container that is killed.
		return utilexec.CodeExitError{Err: errors.New("command terminated with exit code 137"), Code: 137}
	}
}
