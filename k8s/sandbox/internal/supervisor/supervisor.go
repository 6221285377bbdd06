// Package supervisor starts the programs of a sandbox, tells when they are ready, and ends them.
package supervisor

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"forge.dev/sandbox/internal/latency"
)

// readyWithin bounds the whole start. It takes 3 to 5 s on two cores; a machine that needs a minute is in trouble.
const readyWithin = 60 * time.Second

// errStopped ends the life of a sandbox as intended.
var errStopped = errors.New("stopped")

// crashError ends the start, or the life, of a sandbox.
type crashError struct{ *Crash }

func (e crashError) Error() string { return fmt.Sprintf("%s crashed: %s", e.Program, e.Exit) }

// NewCommand is the program `supervisor`: it stays in the foreground until it is told to stop.
func NewCommand() *cobra.Command {
	var options Options
	command := &cobra.Command{
		Use: "supervisor", Args: cobra.NoArgs, SilenceUsage: true,
		RunE: func(*cobra.Command, []string) error {
			if err := options.check(); err != nil {
				return err
			}
			// Whoever listens to the reports may go away; the sandbox stays.
			signal.Ignore(syscall.SIGPIPE)
			told, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
			defer stop()
			return run(told, options, newReporter(os.Stdout))
		},
	}
	options.addFlags(command.Flags())
	return command
}

type supervisor struct {
	options  Options
	lines    commandLines
	launcher *launcher
	profile  latency.Profile
	record   *record
	report   *reporter
	end      context.CancelCauseFunc
}

func run(told context.Context, options Options, report *reporter) error {
	files, err := newLayout(options.Dir)
	if err != nil {
		return err
	}
	port, _, err := reservePort()
	if err != nil {
		return fmt.Errorf("no free port: %w", err)
	}
	launcher, err := newLauncher(files.life())
	if err != nil {
		return err
	}
	ctx, end := context.WithCancelCause(context.Background())
	context.AfterFunc(told, func() { end(errStopped) })
	s := &supervisor{
		options: options, lines: commandLines{layout: files, port: port, options: options}, launcher: launcher, report: report, end: end,
		record: &record{file: files.state(), state: State{
			Options: options, Status: statusStarting, PID: os.Getpid(), StartedAt: time.Now(),
			Server: serverURL(port), Kubeconfig: files.kubeconfig(), Socket: files.control(),
		}},
	}
	return s.live(ctx)
}

// live is the whole life of a sandbox: start, wait, end.
func (s *supervisor) live(ctx context.Context) error {
	stopped := make(chan struct{})
	closeControl, err := serveControl(s.lines.control(), s.record, func() {
		s.end(errStopped)
		<-stopped
	}, func(program string, away time.Duration) error { return s.restart(ctx, program, away) })
	if err != nil {
		return err
	}
	defer closeControl()
	if err := s.record.change(func(*State) {}); err != nil {
		return err
	}
	err = s.start(ctx)
	if err == nil {
		s.report.ready()
		<-ctx.Done()
		err = context.Cause(ctx)
	}
	err = s.finish(err)
	close(stopped)
	return err
}

// finish ends all programs. Where that was wanted, nothing is left; otherwise the logs and the state stay, for the one
// who asks why.
func (s *supervisor) finish(reason error) error {
	var crash crashError
	crashed := errors.As(reason, &crash)
	_ = s.record.change(func(state *State) {
		state.Status = statusStopping
		if crashed {
			state.Crash = crash.Crash
		}
	})
	s.launcher.stopAll()
	if errors.Is(reason, errStopped) {
		return s.lines.remove()
	}
	_ = s.record.change(func(state *State) { state.Status, state.Programs = statusCrashed, nil })
	if crashed {
		s.report.crashed(crash.Crash)
	} else {
		s.report.failed(reason)
	}
	return reason
}

func (s *supervisor) start(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, readyWithin, fmt.Errorf("the control plane was not ready within %s", readyWithin))
	defer cancel()
	profile, err := latency.Load(s.options.Latency)
	if err != nil {
		return err
	}
	s.profile = profile
	// etcd needs none of the files, so it starts while they are made.
	s.report.phase("etcd")
	if err := s.launch("etcd", s.lines.etcd()); err != nil {
		return err
	}
	if err := writeFiles(s.lines, s.options); err != nil {
		return err
	}
	if err := waitForSocket(ctx, s.lines.etcdSocket()); err != nil {
		return err
	}
	s.report.phase("kube-apiserver")
	if err := s.launch("kube-apiserver", s.lines.apiserver()); err != nil {
		return err
	}
	config, err := clientcmd.BuildConfigFromFlags("", s.lines.config("supervisor"))
	if err != nil {
		return err
	}
	config.QPS, config.Burst = 500, 1000
	if err := waitForAPI(ctx, config, "/livez/ping"); err != nil {
		return err
	}
	s.report.phase("nodes")
	return s.populate(ctx, config)
}

// populate starts what needs an API server, and waits for a cluster that takes pods.
func (s *supervisor) populate(ctx context.Context, config *rest.Config) error {
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	synced, err := s.launchClients()
	if err != nil {
		return err
	}
	defer synced.Close()
	version, err := client.Discovery().ServerVersion()
	if err != nil {
		return causeOf(ctx, err)
	}
	var group errgroup.Group
	group.Go(func() error { return furnish(ctx, client, s.options) })
	group.Go(func() error { return waitForCluster(ctx, client, s.options) })
	group.Go(func() error { return waitForAPI(ctx, config, "/readyz") })
	group.Go(func() error { return waitForByte(ctx, synced) })
	if err := group.Wait(); err != nil {
		return causeOf(ctx, err)
	}
	return s.record.change(func(state *State) {
		state.Status, state.Kubernetes = statusRunning, version.GitVersion
		state.ReadyAfter = time.Since(state.StartedAt).Round(time.Millisecond).Seconds()
	})
}

// launchClients starts the clients of the API server. It gives the pipe on which the simulator says that it knows the cluster.
func (s *supervisor) launchClients() (synced *os.File, err error) {
	for _, program := range []struct {
		name string
		args []string
	}{
		{"kube-controller-manager", s.lines.controllerManager(s.profile.BackOff.Duration)},
		{"kube-scheduler", s.lines.scheduler()},
	} {
		if err := s.launch(program.name, program.args); err != nil {
			return nil, err
		}
	}
	synced, told, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer told.Close()
	return synced, s.launch("simulator", s.lines.simulator(), told)
}

// launch starts a program and ends the sandbox when the program ends by itself: a control plane that lacks a part only
// misleads.
func (s *supervisor) launch(name string, args []string, files ...*os.File) error {
	p, err := s.launcher.start(name, s.lines.log(name), args, files...)
	if err != nil {
		return err
	}
	s.guard(p)
	return s.record.change(func(state *State) {
		state.Programs = append(state.Programs, Program{Name: name, PID: p.command.Process.Pid, Log: p.logPath})
	})
}

func (s *supervisor) guard(p *process) {
	go func() {
		<-p.ended
		if !p.isExpected.Load() {
			s.end(crashError{p.crash()})
		}
	}()
}
