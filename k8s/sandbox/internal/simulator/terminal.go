package simulator

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
	"sync/atomic"

	"k8s.io/cri-streaming/pkg/streaming/remotecommand"
)

const (
	endOfText = 0x03
	endOfFile = 0x04
)

// terminal is where the programs of a simulated container read and write: sh, echo, cat, stty size, true and false. With a
// terminal it says what is typed, as the line discipline of a kernel does.
type terminal struct {
	in    *bufio.Reader
	out   io.Writer
	tty   bool
	empty bool
	size  atomic.Uint32
}

func newTerminal(in io.Reader, out io.Writer, tty, empty bool) *terminal {
	t := &terminal{out: out, tty: tty, empty: empty}
	if in != nil {
		t.in = bufio.NewReader(in)
	}
	return t
}

func (t *terminal) listen(ctx context.Context, resize <-chan remotecommand.TerminalSize) {
	for {
		select {
		case size, more := <-resize:
			if !more {
				return
			}
			t.size.Store(uint32(size.Height)<<16 | uint32(size.Width))
		case <-ctx.Done():
			return
		}
	}
}

func (t *terminal) say(text string) {
	if t.tty {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	_, _ = io.WriteString(t.out, text)
}

func known(program string) bool {
	switch path.Base(program) {
	case "sh", "echo", "cat", "stty", "true", "false":
		return true
	}
	return false
}

// run gives the exit status of a program. An error: there is no such program, as a container runtime says it.
func (t *terminal) run(words []string) (int, error) {
	if len(words) == 0 || t.empty || !known(words[0]) {
		program := strings.Join(words[:min(1, len(words))], "")
		return 0, fmt.Errorf("OCI runtime exec failed: exec failed: unable to start container process: exec: %q: executable file not found in $PATH", program)
	}
	if path.Base(words[0]) != "sh" {
		return t.program(words), nil
	}
	if len(words) > 2 && words[1] == "-c" {
		status, _ := t.script(words[2])
		return status, nil
	}
	return t.shell(), nil
}

func (t *terminal) program(words []string) int {
	switch path.Base(words[0]) {
	case "echo":
		t.say(strings.Join(words[1:], " ") + "\n")
	case "cat":
		if t.in != nil {
			_, _ = io.Copy(t.out, t.in)
		}
	case "stty":
		size := t.size.Load()
		t.say(fmt.Sprintf("%d %d\n", size>>16, size&0xffff))
	case "false":
		return 1
	}
	return 0
}

// script runs statements one after the other (`;`), the second of two only if the first succeeds (`&&`).
func (t *terminal) script(text string) (status int, ended bool) {
	for _, statement := range strings.Split(text, ";") {
		for _, part := range strings.Split(statement, "&&") {
			if status, ended = t.statement(strings.Fields(part)); ended {
				return status, true
			}
			if status != 0 {
				break
			}
		}
	}
	return status, false
}

func (t *terminal) statement(all []string) (status int, ended bool) {
	var words []string
	for _, word := range all {
		if !strings.Contains(word, ">") {
			words = append(words, word)
		}
	}
	if len(words) == 0 {
		return 0, false
	}
	switch words[0] {
	case "exit":
		if len(words) > 1 {
			status, _ = strconv.Atoi(words[1])
		}
		return status, true
	case "command":
		if !known(words[len(words)-1]) {
			return 1, false
		}
		return 0, false
	case "exec":
		status, err := t.run(words[1:])
		if err != nil {
			status = 127
		}
		return status, true
	case "sh":
		return t.shell(), false
	}
	if !known(words[0]) {
		t.say("sh: " + words[0] + ": not found\n")
		return 127, false
	}
	return t.program(words), false
}

// shell runs what is typed until its end, `exit` or Ctrl-D.
func (t *terminal) shell() (status int) {
	if t.in == nil {
		return 0
	}
	for {
		if t.tty {
			t.say("$ ")
		}
		line, err := t.line()
		ended := false
		if status, ended = t.script(line); ended || err != nil {
			return status
		}
	}
}

func (t *terminal) line() (string, error) {
	var typed []byte
	for {
		one, err := t.in.ReadByte()
		switch {
		case err != nil:
			return string(typed), err
		case t.tty && one == endOfFile:
			return string(typed), io.EOF
		case t.tty && one == endOfText:
			t.say("^C\n")
			return "", nil
		case one == '\n' || t.tty && one == '\r':
			if t.tty {
				t.say("\n")
			}
			return string(typed), nil
		}
		typed = append(typed, one)
		if t.tty {
			t.say(string(one))
		}
	}
}
