package supervisor

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	lifelineVariable = "FORGE_SANDBOX_LIFELINE"
	// A program that is asked to end gets this long before it is killed.
	patience     = 3 * time.Second
	tailBytes    = 64 << 10
	tailLines    = 20
	longestLine  = 2000
	lifelineFile = 3
)

// EndWithSupervisor kills this process when the supervisor is gone, however it went: the pipe that only the supervisor
// holds open is closed by the kernel. So nothing is left running even after a SIGKILL.
func EndWithSupervisor() {
	if os.Getenv(lifelineVariable) == "" {
		return
	}
	_ = os.Unsetenv(lifelineVariable)
	lifeline := os.NewFile(lifelineFile, "lifeline")
	go func() {
		_, _ = io.Copy(io.Discard, lifeline)
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	}()
}

// process is a running program.
type process struct {
	name    string
	logPath string
	command *exec.Cmd
	args    []string
	// Files are handed over, so a program that has some cannot be started a second time.
	files  []*os.File
	ended  chan struct{}
	result error
	// Set before it is killed on purpose.
	isExpected atomic.Bool
}

// launcher starts programs of this binary that end with it.
type launcher struct {
	binary   string
	lifeline *os.File
	held     *os.File
	life     *os.File
	mutex    sync.Mutex
	running  []*process
}

func newLauncher(lifeSocket string) (*launcher, error) {
	binary, err := os.Executable()
	if err != nil {
		return nil, err
	}
	life, err := openLife(lifeSocket)
	if err != nil {
		return nil, err
	}
	read, write, err := os.Pipe()
	return &launcher{binary: binary, lifeline: read, held: write, life: life}, err
}

func (l *launcher) start(name, logPath string, args []string, files ...*os.File) (*process, error) {
	p, err := l.begin(name, logPath, os.O_TRUNC, args, files...)
	if err != nil {
		return nil, err
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.running = append(l.running, p)
	return p, nil
}

func (l *launcher) begin(name, logPath string, logMode int, args []string, files ...*os.File) (*process, error) {
	log, err := os.OpenFile(logPath, os.O_CREATE|os.O_WRONLY|os.O_APPEND|logMode, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	command := exec.Command(l.binary, append([]string{name}, args...)...)
	command.Stdout, command.Stderr = log, log
	// The socket comes last: programs know the others by their numbers.
	command.ExtraFiles = append(append([]*os.File{l.lifeline}, files...), l.life)
	command.Env = append(os.Environ(), lifelineVariable+"=1")
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	p := &process{name: name, logPath: logPath, command: command, args: args, files: files, ended: make(chan struct{})}
	go func() {
		p.result = command.Wait()
		close(p.ended)
	}()
	return p, nil
}

// kill ends a program as a crash would, and gives it, so that it can be started again.
func (l *launcher) kill(name string) (*process, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	at := slices.IndexFunc(l.running, func(p *process) bool { return p.name == name })
	if at < 0 || len(l.running[at].files) > 0 {
		return nil, fmt.Errorf("%s cannot be restarted", name)
	}
	p := l.running[at]
	p.isExpected.Store(true)
	_ = p.command.Process.Kill()
	<-p.ended
	return p, nil
}

// again starts a program that was killed, in its place: programs end in the order of their start.
func (l *launcher) again(old *process) (*process, error) {
	p, err := l.begin(old.name, old.logPath, os.O_APPEND, old.args)
	if err != nil {
		return nil, err
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if at := slices.Index(l.running, old); at >= 0 {
		l.running[at] = p
		return p, nil
	}
	// The sandbox was ended meanwhile.
	p.stop()
	return nil, errStopped
}

// stopAll ends the programs, the last started first: each may need those started before it.
func (l *launcher) stopAll() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	for len(l.running) > 0 {
		// What came after etcd and the API server does not depend on each other, so it ends side by side.
		first := min(len(l.running)-1, 2)
		var group sync.WaitGroup
		for _, p := range l.running[first:] {
			group.Go(p.stop)
		}
		group.Wait()
		l.running = l.running[:first]
	}
}

func (p *process) stop() {
	_ = p.command.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(patience):
		_ = p.command.Process.Kill()
		<-p.ended
	}
}

func (p *process) crash() *Crash {
	exit := "exit status 0"
	if p.result != nil {
		exit = p.result.Error()
	}
	return &Crash{Program: p.name, Exit: exit, At: time.Now(), Log: p.logPath, Lines: lastLines(p.logPath)}
}

func lastLines(path string) []string {
	file, err := os.Open(path)
	if err != nil {
		return []string{err.Error()}
	}
	defer file.Close()
	if size, err := file.Seek(0, io.SeekEnd); err == nil {
		_, _ = file.Seek(max(0, size-tailBytes), io.SeekStart)
	}
	content, _ := io.ReadAll(file)
	lines := withoutStack(strings.Split(strings.TrimRight(string(content), "\n"), "\n"))
	lines = lines[max(0, len(lines)-tailLines):]
	for i, line := range lines {
		lines[i] = line[:min(len(line), longestLine)]
	}
	return lines
}

// withoutStack leaves out what the Go runtime prints last of all, below the reason for its end.
func withoutStack(lines []string) []string {
	for i, line := range lines {
		if strings.HasPrefix(line, "goroutine ") && i > 0 {
			return slices.DeleteFunc(lines[:i], func(line string) bool { return line == "" })
		}
	}
	return lines
}
