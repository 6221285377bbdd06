package simulator

import (
	"bytes"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	utilexec "k8s.io/utils/exec"
)

type closing struct{ io.Writer }

func (closing) Close() error { return nil }

func (s *scene) exec(pod, typed string, tty bool, command ...string) (string, error) {
	var out bytes.Buffer
	err := s.streams.ExecInContainer(s.Context(), namespace+"/"+pod, "", "main", command, strings.NewReader(typed), closing{&out}, nil, tty, nil, 0)
	return out.String(), err
}

func TestCommandsHaveAnOutputAndAStatus(t *testing.T) {
	s := newScene(t, "instant")
	pod := s.put(podOf("app"))
	s.untilReady(pod)
	for _, one := range []struct {
		command, typed, says string
		status               int
	}{
		{"echo a b", "", "a b\n", 0},
		{"cat", "typed", "typed", 0},
		{"sh", "echo one\nexit 7\n", "one\n", 7},
		{"sh", "nonsense", "sh: nonsense: not found\n", 127},
		{"false", "", "", 1},
	} {
		out, err := s.exec(pod, one.typed, false, strings.Fields(one.command)...)
		status := 0
		if exit, is := err.(utilexec.ExitError); is {
			status = exit.ExitStatus()
		}
		if out != one.says || status != one.status {
			t.Errorf("%s: %q, %d (%v)", one.command, out, status, err)
		}
	}
	if out, err := s.exec(pod, "exit 3\n", true, "sh", "-c", "command -v bash >/dev/null && exec bash; exec sh"); out != "$ exit 3\r\n" || err.(utilexec.ExitError).ExitStatus() != 3 {
		t.Errorf("with a terminal: %q, %v", out, err)
	}
	if _, err := s.exec(pod, "", false, "psql"); err == nil || !strings.Contains(err.Error(), `exec: "psql": executable file not found in $PATH`) {
		t.Errorf("a program that is not there: %v", err)
	}
}

func TestAPortLeadsToThisMachineUntilThePodGoes(t *testing.T) {
	server, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	defer server.Close()
	go func() {
		for {
			connection, err := server.Accept()
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(connection, connection) }()
		}
	}()
	_, port, _ := net.SplitHostPort(server.Addr().String())
	s := newScene(t, "instant")
	asked := podOf("app", func(pod *corev1.Pod) { pod.Annotations = map[string]string{forwardKey: "80=" + port} })
	pod := s.put(asked)
	s.untilReady(pod)
	near, far := net.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- s.streams.PortForward(t.Context(), namespace+"/"+pod, "", 80, far) }()
	_, err = near.Write([]byte("hello"))
	check(t, err)
	heard := make([]byte, 5)
	_, err = io.ReadFull(near, heard)
	check(t, err)
	if string(heard) != "hello" {
		t.Errorf("heard %q", heard)
	}
	s.removed(s.get(pod))
	select {
	case <-ended:
	case <-time.After(patience):
		t.Error("the connection outlives its pod")
	}
	if err := s.streams.PortForward(t.Context(), namespace+"/"+pod, "", 81, far); err == nil {
		t.Error("a pod that is gone takes connections")
	}
}
