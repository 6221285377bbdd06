package supervisor

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestOptionsThatCannotBe(t *testing.T) {
	good := Options{Name: "x", Dir: "here", Nodes: 3, CPU: "8", Memory: "16Gi", Latency: "instant", Kubernetes: "1.36"}
	if err := good.check(); err != nil || !filepath.IsAbs(good.Dir) {
		t.Errorf("%v, dir %s", err, good.Dir)
	}
	without := good
	without.Nodes = 0
	if err := without.check(); err != nil {
		t.Errorf("no nodes: %v", err)
	}
	for name, spoil := range map[string]func(*Options){
		"--dir": func(o *Options) { o.Dir = "" }, "--nodes": func(o *Options) { o.Nodes = -1 },
		"--kubernetes": func(o *Options) { o.Kubernetes = "1.12" },
		"--cpu":        func(o *Options) { o.CPU = "0" }, "--memory": func(o *Options) { o.Memory = "much" },
		"latency": func(o *Options) { o.Latency = "no-such-file" },
	} {
		bad := good
		spoil(&bad)
		if err := bad.check(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if again := strings.Join(good.args(), " "); !strings.Contains(again, "--nodes 3 --cpu 8 --memory 16Gi --latency instant --kubernetes 1.36") {
		t.Errorf("a supervisor is started with %s", again)
	}
}

func TestAllThatBehaveByAVersionAreToldWhich(t *testing.T) {
	asked := commandLines{options: Options{Kubernetes: "1.36"}}
	for name, args := range map[string][]string{
		"kube-apiserver": asked.apiserver(), "kube-controller-manager": asked.controllerManager(time.Second), "kube-scheduler": asked.scheduler(),
	} {
		if !slices.Contains(args, "--emulated-version=1.36") {
			t.Errorf("%s is started with %s", name, args)
		}
	}
	if args := strings.Join(commandLines{}.apiserver(), " "); strings.Contains(args, "emulated") {
		t.Errorf("the newest is started with %s", args)
	}
}

func TestAFolderThatIsTooLongForASocketGetsAShortOne(t *testing.T) {
	lines, err := newLayout(filepath.Join(t.TempDir(), strings.Repeat("long", 40)))
	if err != nil {
		t.Fatal(err)
	}
	if len(lines.control()) > longestSocketPath {
		t.Errorf("%s is too long", lines.control())
	}
	if err := lines.remove(); err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{lines.dir, lines.sockets} {
		if _, err := os.Stat(folder); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is left", folder)
		}
	}
}

// control is a supervisor's socket with nothing behind it.
func control(t *testing.T, restart func(string, time.Duration) error) (*http.Client, *record, *int) {
	t.Helper()
	folder := t.TempDir()
	socket, stopped := filepath.Join(folder, "s"), 0
	kept := &record{file: filepath.Join(folder, "state.json")}
	end, err := serveControl(socket, kept, func() { stopped++ }, restart)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(end)
	if mode, err := os.Stat(socket); err != nil || mode.Mode().Perm() != 0o600 {
		t.Errorf("the socket is open to others: %v", mode.Mode())
	}
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", socket)
	}
	return &http.Client{Transport: &http.Transport{DialContext: dial}}, kept, &stopped
}

func TestTheControlSocketTellsTheStateAndStops(t *testing.T) {
	client, kept, stopped := control(t, nil)
	if err := kept.change(func(state *State) { state.Status = statusRunning }); err != nil {
		t.Fatal(err)
	}
	response, err := client.Get("http://sandbox/state")
	if err != nil {
		t.Fatal(err)
	}
	var state State
	if err := json.NewDecoder(response.Body).Decode(&state); err != nil || state.Status != statusRunning {
		t.Errorf("%v, %+v", err, state)
	}
	file, err := os.ReadFile(kept.file)
	if err != nil || !strings.Contains(string(file), `"status": "running"`) {
		t.Errorf("%v, %s", err, file)
	}
	response, err = client.Post("http://sandbox/stop", "", nil)
	if err != nil || response.StatusCode != http.StatusNoContent || *stopped != 1 {
		t.Errorf("%v, stopped %d times", err, *stopped)
	}
}

func TestAProgramIsRestartedByItsName(t *testing.T) {
	client, _, _ := control(t, func(program string, away time.Duration) error {
		if program != "etcd" || away != 2*time.Second {
			return errors.New("no program " + program)
		}
		return nil
	})
	for query, status := range map[string]int{
		"program=etcd&away=2s": http.StatusNoContent, "program=x&away=2s": http.StatusConflict, "program=etcd&away=soon": http.StatusConflict,
	} {
		response, err := client.Post("http://sandbox/restart?"+query, "", nil)
		if err != nil || response.StatusCode != status {
			body, _ := io.ReadAll(response.Body)
			t.Errorf("%s: %v, %d %s", query, err, response.StatusCode, body)
		}
	}
}

func TestTheLastLinesOfALogHaveTheReasonAndNoStack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "etcd.log")
	stack := strings.Repeat("go.etcd.io/etcd/server/v3/etcdmain.Main({0xc0, 0xa, 0xa})\n\t/etcdmain/main.go:40 +0xf3\n", 40)
	log := "serving\n{\"level\":\"panic\",\"msg\":\"no room\"}\npanic: no room\n\ngoroutine 1 [running]:\n" + stack
	if err := os.WriteFile(path, []byte(log), 0o600); err != nil {
		t.Fatal(err)
	}
	want := []string{"serving", `{"level":"panic","msg":"no room"}`, "panic: no room"}
	if lines := lastLines(path); !slices.Equal(lines, want) {
		t.Errorf("%q", lines)
	}
}

func TestWhoeverAsksIsToldWhenTheLastProgramHasEnded(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "life.sock")
	life, err := openLife(socket)
	if err != nil {
		t.Fatal(err)
	}
	asked, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	// It cannot hear of the supervisor's end, and outlives it.
	program := exec.Command("sleep", "600")
	program.ExtraFiles = []*os.File{life}
	if err := errors.Join(program.Start(), life.Close()); err != nil {
		t.Fatal(err)
	}
	if err := asked.SetReadDeadline(time.Now().Add(200 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if _, err := asked.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a program runs, and yet: %v", err)
	}
	if err := errors.Join(program.Process.Kill(), asked.SetReadDeadline(time.Now().Add(time.Minute))); err != nil {
		t.Fatal(err)
	}
	if _, err := asked.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("none runs, and yet: %v", err)
	}
	_ = program.Wait()
	if _, err := net.Dial("unix", socket); err == nil {
		t.Error("none runs, and somebody holds the socket")
	}
}
