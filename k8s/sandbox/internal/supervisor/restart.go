package supervisor

import (
	"context"
	"fmt"
	"time"

	"k8s.io/client-go/tools/clientcmd"
)

// restart kills a program, keeps it away for a while and starts it again with the same arguments, as the control plane of
// a real cluster is restarted under a deploy. It returns when the API server is ready (again).
func (s *supervisor) restart(ctx context.Context, name string, away time.Duration) error {
	if s.record.status() != statusRunning {
		return fmt.Errorf("the sandbox is %s", s.record.status())
	}
	old, err := s.launcher.kill(name)
	if err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(away):
	}
	p, err := s.launcher.again(old)
	if err != nil {
		// Without this program the sandbox only misleads.
		s.end(err)
		return err
	}
	s.guard(p)
	err = s.record.change(func(state *State) {
		for i := range state.Programs {
			if state.Programs[i].Name == name {
				state.Programs[i].PID = p.command.Process.Pid
			}
		}
	})
	if err != nil {
		return err
	}
	config, err := clientcmd.BuildConfigFromFlags("", s.lines.config("supervisor"))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, readyWithin, fmt.Errorf("the API server was not ready within %s", readyWithin))
	defer cancel()
	return waitForAPI(ctx, config, "/readyz")
}
