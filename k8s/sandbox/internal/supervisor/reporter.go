package supervisor

import (
	"encoding/json"
	"os"
	"sync"
)

// Report is a line of what `up` prints, one JSON object each.
type Report struct {
	Phase string `json:"phase,omitempty"`
	Ready bool   `json:"ready,omitempty"`
	// Running says that `up` found the sandbox running and did nothing.
	Running bool   `json:"running,omitempty"`
	Error   string `json:"error,omitempty"`
	// Usage says that the error is about the flags.
	Usage bool   `json:"usage,omitempty"`
	Crash *Crash `json:"crash,omitempty"`
}

// reporter tells the starter how the start goes, and closes its output with the last line: nobody listens later.
type reporter struct {
	mutex  sync.Mutex
	output *os.File
}

func newReporter(output *os.File) *reporter { return &reporter{output: output} }

func (r *reporter) phase(name string)    { r.write(Report{Phase: name}, false) }
func (r *reporter) ready()               { r.write(Report{Ready: true}, true) }
func (r *reporter) crashed(crash *Crash) { r.write(Report{Crash: crash}, true) }
func (r *reporter) failed(reason error)  { r.write(Report{Error: reason.Error()}, true) }

func (r *reporter) write(report Report, last bool) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.output == nil {
		return
	}
	// The starter may be gone (Ctrl-C); that is its business, not the sandbox's.
	_ = json.NewEncoder(r.output).Encode(report)
	if last {
		_ = r.output.Close()
		r.output = nil
	}
}
