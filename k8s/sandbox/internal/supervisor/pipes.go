package supervisor

import (
	"context"
	"errors"
	"net"
	"os"
)

// listenForLogs opens the port of the nodes' kubelet. The simulator inherits the socket, so the port is never free for
// others in between, and the nodes can name it before the simulator is up.
func listenForLogs() (*os.File, int, error) {
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, 0, err
	}
	defer listener.Close()
	address, isTCP := listener.Addr().(*net.TCPAddr)
	if !isTCP {
		return nil, 0, errors.New("not a TCP port")
	}
	file, err := listener.File()
	return file, address.Port, err
}

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
