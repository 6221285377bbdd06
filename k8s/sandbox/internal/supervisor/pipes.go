package supervisor

import (
	"context"
	"os"
)

// waitForByte returns when the program at the other end has written: it is ready.
func waitForByte(ctx context.Context, pipe *os.File) error {
	stop := context.AfterFunc(ctx, func() { _ = pipe.Close() })
	defer stop()
	if _, err := pipe.Read(make([]byte, 1)); err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		// The program has ended; its crash, with its log, says more than a closed pipe.
		<-ctx.Done()
		return context.Cause(ctx)
	}
	return nil
}
