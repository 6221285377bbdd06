package supervisor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"
)

// errReported says that the supervisor has told already what went wrong.
var errReported = errors.New("the sandbox did not start")

// NewUpCommand is the program `up`: it starts a supervisor in the background and ends when the sandbox is ready. It
// prints one Report a line. On a running sandbox it says so; two at the same time start one sandbox.
func NewUpCommand() *cobra.Command {
	var options Options
	command := &cobra.Command{
		Use: "up", Args: cobra.NoArgs, SilenceUsage: true, SilenceErrors: true,
		RunE: func(*cobra.Command, []string) error {
			err := options.check()
			usage := err != nil
			if !usage {
				err = up(&options)
			}
			if err != nil && !errors.Is(err, errReported) {
				newReporter(os.Stdout).write(Report{Error: err.Error(), Usage: usage}, true)
			}
			return err
		},
	}
	options.addFlags(command.Flags())
	return command
}

func up(options *Options) error {
	release, err := lock(options.Dir)
	if err != nil {
		return err
	}
	defer release()
	if isRunning(options.Dir) {
		newReporter(os.Stdout).write(Report{Ready: true, Running: true}, true)
		return nil
	}
	// What a killed supervisor or a switched-off machine left behind.
	if err := os.RemoveAll(options.Dir); err != nil {
		return err
	}
	if err := os.MkdirAll(options.Dir, 0o700); err != nil {
		return err
	}
	return startSupervisor(options)
}

// lock keeps others from starting the same sandbox. The kernel releases it when this process ends, however it ends.
func lock(dir string) (release func(), err error) {
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return nil, err
	}
	path := dir + ".lock"
	for {
		file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return nil, err
		}
		if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX); err != nil {
			return nil, errors.Join(err, file.Close())
		}
		// Who held it has removed the file when it was done; then another one bears the name by now, or none.
		if isStill(path, file) {
			return func() {
				_ = os.Remove(path)
				_ = file.Close()
			}, nil
		}
		_ = file.Close()
	}
}

func isStill(path string, file *os.File) bool {
	named, err := os.Stat(path)
	if err != nil {
		return false
	}
	opened, err := file.Stat()
	return err == nil && os.SameFile(named, opened)
}

// isRunning asks the supervisor itself.
func isRunning(dir string) bool {
	content, err := os.ReadFile(layout{dir: dir}.state())
	if err != nil {
		return false
	}
	var state State
	if err := json.Unmarshal(content, &state); err != nil {
		return false
	}
	client := http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			var dialer net.Dialer
			return dialer.DialContext(ctx, "unix", state.Socket)
		},
	}}
	response, err := client.Get("http://sandbox/state")
	if err != nil {
		return false
	}
	defer response.Body.Close()
	return json.NewDecoder(response.Body).Decode(&state) == nil && state.Status == statusRunning
}

func startSupervisor(options *Options) error {
	binary, err := os.Executable()
	if err != nil {
		return err
	}
	log, err := os.OpenFile(filepath.Join(options.Dir, "supervisor.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	command := exec.Command(binary, append([]string{"supervisor"}, options.args()...)...)
	command.Dir, command.Stderr = "/", log
	// A session of its own: Ctrl-C and the end of the terminal are for the starter only.
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	reports, err := command.StdoutPipe()
	if err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return err
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-stop
		_ = command.Process.Signal(syscall.SIGTERM)
	}()
	return follow(reports, command)
}

// follow passes the supervisor's reports on until it is ready or has failed.
func follow(reports io.Reader, command *exec.Cmd) error {
	decoder := json.NewDecoder(reports)
	output := json.NewEncoder(os.Stdout)
	for {
		var report Report
		if err := decoder.Decode(&report); err != nil {
			_ = command.Wait()
			return fmt.Errorf("the supervisor ended (%s)", command.ProcessState)
		}
		if err := output.Encode(report); err != nil {
			return err
		}
		switch {
		case report.Ready:
			return nil
		case report.Crash != nil || report.Error != "":
			// Everything has ended by now; wait, so that nothing is running when the caller reads on.
			_ = command.Wait()
			return errReported
		}
	}
}
