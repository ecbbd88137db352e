package chaos

import (
	"maps"
	"os"
	"strings"
	"sync"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/nightstar-elt/nightstar/pkg/asl"
	"github.com/nightstar-elt/nightstar/pkg/local/gateway"
)

// exempt is the AppID of clients whose requests nothing happens to.
const exempt = "undisturbed"

// Exempt returns the configuration for clients that watch: what they request
// is neither counted nor disturbed.
func Exempt(cfg aws.Config) aws.Config {
	cfg = cfg.Copy()
	cfg.AppID = exempt
	return cfg
}

// Chaos disturbs a local environment. Use [New] to get one.
type Chaos struct {
	clients aws.Config
	late    sync.WaitGroup

	mu       sync.Mutex
	begun    bool
	faults   []Fault
	census   Census
	injected map[Kind]int
	marks    map[asl.Mark]int
	doom     *verdict           // of the next statement that is submitted
	doomed   map[string]verdict // by client token of a statement
	verdicts map[string]verdict // by id of a statement
	exports  map[string]bool    // ARNs of exports that fail
	hung     int                // processes killed that are to be reported as timed out
}

// New returns a Chaos that makes these faults happen once it begins.
func New(faults []Fault) *Chaos {
	return &Chaos{
		faults: faults, census: Census{}, injected: map[Kind]int{}, marks: map[asl.Mark]int{},
		doomed: map[string]verdict{}, verdicts: map[string]verdict{}, exports: map[string]bool{},
	}
}

// Begin starts to count and to break.
func (c *Chaos) Begin() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.begun = true
}

// Calm ends what Begin began. It waits for deliveries that are late.
func (c *Chaos) Calm() {
	c.mu.Lock()
	c.begun = false
	c.mu.Unlock()
	c.late.Wait()
}

// Census returns how often each point was reached.
func (c *Chaos) Census() Census {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.census)
}

// Injected returns how often each kind of fault has happened.
func (c *Chaos) Injected() map[Kind]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.injected)
}

// Marks returns how often each state was entered, and how often each of its
// retriers and catchers took an error.
func (c *Chaos) Marks() map[asl.Mark]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.marks)
}

// Services puts this chaos in front of the services.
func (c *Chaos) Services(clients aws.Config, services gateway.Services) gateway.Services {
	c.clients = Exempt(clients)
	services.DynamoDB = c.front("dynamodb", c.failExports(services.DynamoDB))
	services.StepFunctions = c.front("states", services.StepFunctions)
	services.RedshiftData = c.front("redshift-data", c.failStatements(services.RedshiftData))
	services.S3 = c.front("s3", services.S3)
	return services
}

// Mark counts what a definition does, and strikes at states.
func (c *Chaos) Mark(executionARN string, mark asl.Mark) {
	c.mu.Lock()
	c.marks[mark]++
	c.mu.Unlock()
	if mark.Field != "" {
		return
	}
	fault, due := c.reach(Point("enter " + mark.State))
	if !due {
		return
	}
	switch fault.Kind {
	case StopExecution:
		// The execution cannot wait for its own end.
		c.late.Go(func() { c.stop(executionARN) })
	case SecondExecution:
		if fault.After {
			c.late.Go(func() { c.startAfter(executionARN) })
		} else {
			c.start(executionARN)
		}
	default: // reach has killed the process
	}
}

// reach counts a point and returns the fault that is due there, if any. A
// fault that ends the process does so here, unless what was asked for is to be
// carried out first.
func (c *Chaos) reach(p Point) (Fault, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.begun {
		return Fault{}, false
	}
	c.census[p]++
	n := c.census[p]
	for _, f := range c.faults {
		if f.Point != p || n < f.Nth || n >= f.Nth+max(f.Times, 1) {
			continue
		}
		c.injected[f.Kind]++
		if f.Kind == KillProcess && (!f.After || strings.HasPrefix(string(p), "enter ")) {
			end()
		}
		return f, true
	}
	return Fault{}, false
}

// end is SIGKILL: no deferred call runs, no file is flushed.
func end() {
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
}
