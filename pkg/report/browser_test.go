package report_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// shots is where the screenshots stay, for people to look at.
const shots = "../../build/report"

// browser starts Chromium, once for the test.
func browser(t *testing.T) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Skip("no Chromium is installed, so nobody has looked at the report: install the package chromium of Debian")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.WSURLReadTimeout(2*time.Minute))
	allocator, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, stop := chromedp.NewContext(allocator)
	t.Cleanup(stop)
	if err := chromedp.Run(ctx); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// watched collects what a page complains about and what it asks the network for.
type watched struct {
	mu       sync.Mutex
	problems []string
}

func (w *watched) add(problem string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.problems = append(w.problems, problem)
}

func (w *watched) see(event any) {
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		w.add(fmt.Sprintf("console.%s", e.Type))
	case *runtime.EventExceptionThrown:
		w.add("exception: " + e.ExceptionDetails.Error())
	case *log.EventEntryAdded:
		w.add(fmt.Sprintf("%s: %s", e.Entry.Level, e.Entry.Text))
	case *network.EventRequestWillBeSent:
		if u := e.Request.URL; !strings.HasPrefix(u, "file:") && !strings.HasPrefix(u, "data:") {
			w.add("request for " + u)
		}
	}
}

// TestPage_inABrowser looks at the page as people do: on a phone and on a desk, in
// light and dark, by keyboard and on paper.
func TestPage_inABrowser(t *testing.T) {
	ctx := browser(t)
	axe, err := os.ReadFile("../../.ci/node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Fatalf("%v; install it with: npm ci --prefix .ci", err)
	}
	if err := os.MkdirAll(shots, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"store", "failure", "increment", "large"} {
		made := map[string]func(testing.TB) *source{"store": store, "failure": failure, "increment": increment, "large": large}[name](t).page(t)
		file := filepath.Join(t.TempDir(), name+".html")
		if err := os.WriteFile(file, []byte(made), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, width := range []int64{375, 1280} {
			for _, scheme := range []string{"light", "dark"} {
				if name != "store" && (width == 375) != (scheme == "light") {
					continue // what they add to the store is the same in all four
				}
				t.Run(fmt.Sprintf("%s %d %s", name, width, scheme), func(t *testing.T) {
					look(t, ctx, file, string(axe), name, width, scheme)
				})
			}
		}
	}
}

func look(t *testing.T, parent context.Context, file, axe, name string, width int64, scheme string) {
	ctx, stop := chromedp.NewContext(parent)
	defer stop()
	var seen watched
	chromedp.ListenTarget(ctx, seen.see)
	address := url.URL{Scheme: "file", Path: file}
	var overflow bool
	var ids []string
	err := chromedp.Run(ctx, log.Enable(), network.Enable(),
		emulation.SetDeviceMetricsOverride(width, 800, 1, width < 500),
		emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}),
		chromedp.Navigate(address.String()),
		chromedp.Evaluate(`document.documentElement.scrollWidth > window.innerWidth`, &overflow),
		chromedp.Evaluate(`[...document.querySelectorAll("section")].map(s => s.id)`, &ids),
	)
	if err != nil {
		t.Fatal(err)
	}
	if overflow {
		t.Error("the page is wider than the window")
	}
	if len(ids) < 5 {
		t.Errorf("the sections are %q", ids)
	}
	if name != "large" { // a picture of it shows nothing that the others don't
		for _, id := range append([]string{""}, ids...) {
			shoot(t, ctx, id, fmt.Sprintf("%s/%s-%d-%s-%s.png", shots, name, width, scheme, id))
		}
	}
	check(t, ctx, axe)
	if name == "failure" {
		keyboard(t, ctx)
		paper(t, ctx)
	}
	seen.mu.Lock()
	defer seen.mu.Unlock()
	if len(seen.problems) > 0 {
		t.Errorf("the browser reports %q", seen.problems)
	}
}

// shoot keeps a picture of a section, or of the first screen.
func shoot(t *testing.T, ctx context.Context, id, file string) {
	t.Helper()
	script := `({x: 0, y: 0, width: window.innerWidth, height: 800})`
	if id != "" {
		script = fmt.Sprintf(`(r => ({x: 0, y: r.y + window.scrollY, width: window.innerWidth, height: Math.min(r.height, 6000)}))(document.getElementById(%q).getBoundingClientRect())`, id)
	}
	var clip page.Viewport
	err := chromedp.Run(ctx, chromedp.Evaluate(script, &clip), chromedp.ActionFunc(func(ctx context.Context) error {
		clip.Scale = 1
		picture, err := page.CaptureScreenshot().WithClip(&clip).WithCaptureBeyondViewport(true).Do(ctx)
		if err != nil {
			return err
		}
		return os.WriteFile(file, picture, 0o644)
	}))
	if err != nil {
		t.Fatal(err)
	}
}

// check asks axe-core, which is not ours, for what keeps people from reading.
func check(t *testing.T, ctx context.Context, axe string) {
	t.Helper()
	var violations []struct {
		ID    string `json:"id"`
		Help  string `json:"help"`
		Nodes []struct {
			HTML    string `json:"html"`
			Failure string `json:"failureSummary"`
		} `json:"nodes"`
	}
	var passes int
	err := chromedp.Run(ctx, chromedp.Evaluate(axe, nil),
		chromedp.Evaluate(`document.querySelectorAll("tbody").forEach(b => [...b.rows].slice(60).forEach(r => r.remove()))`, nil), // alike
		chromedp.Evaluate(`axe.run({resultTypes: ["violations", "passes"]}).then(r => { window.passed = r.passes.map(p => p.id); return r.violations })`, &violations,
			func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }),
		chromedp.Evaluate(`["color-contrast", "scrollable-region-focusable", "svg-img-alt", "landmark-unique"].filter(id => window.passed.includes(id)).length`, &passes))
	if err != nil {
		t.Fatal(err)
	}
	if passes < 3 {
		t.Errorf("axe has passed %d of four rules that the page is made for: has it looked?", passes)
	}
	for _, v := range violations {
		node := v.Nodes[0]
		t.Errorf("axe: %s (%s), %d times, first %s: %s", v.ID, v.Help, len(v.Nodes), node.HTML, node.Failure)
	}
}

// keyboard walks through the page with the tab key, and opens a table.
func keyboard(t *testing.T, ctx context.Context) {
	t.Helper()
	var want int
	var first, outline string
	var opened bool
	err := chromedp.Run(ctx,
		chromedp.Evaluate(`document.activeElement.blur(); window.scrollTo(0, 0);
			[...document.querySelectorAll("a, summary, [tabindex]")].filter(e => e.checkVisibility()).length`, &want),
		chromedp.KeyEvent(kb.Tab),
		chromedp.Evaluate(`document.activeElement.textContent`, &first),
		chromedp.Evaluate(`getComputedStyle(document.activeElement).outlineStyle`, &outline))
	if err != nil {
		t.Fatal(err)
	}
	if first != "Skip to the content" || outline == "none" {
		t.Errorf("the first stop is %q with the outline %q", first, outline)
	}
	stops := map[string]bool{}
	for range want {
		var at string
		if err := chromedp.Run(ctx, chromedp.Evaluate(`(e => e.outerHTML.slice(0, 200))(document.activeElement)`, &at), chromedp.KeyEvent(kb.Tab)); err != nil {
			t.Fatal(err)
		}
		stops[at] = true
	}
	if len(stops) != want {
		t.Errorf("the tab key stops at %d of %d places", len(stops), want)
	}
	err = chromedp.Run(ctx, chromedp.Focus("summary"), chromedp.KeyEvent(kb.Enter), chromedp.Evaluate(`document.querySelector("details").open`, &opened))
	if err != nil || !opened {
		t.Errorf("the enter key opens a table: %t, %v", opened, err)
	}
}

// paper prints the page: tables that are folded on the screen are not on paper.
func paper(t *testing.T, ctx context.Context) {
	t.Helper()
	var hidden int
	err := chromedp.Run(ctx, emulation.SetEmulatedMedia().WithMedia("print"),
		chromedp.Evaluate(`document.querySelectorAll("details").forEach(d => d.open = false);
			[...document.querySelectorAll("details table")].filter(t => t.getBoundingClientRect().height < 40).length`, &hidden),
		chromedp.ActionFunc(func(ctx context.Context) error {
			pdf, _, err := page.PrintToPDF().Do(cdp.WithExecutor(ctx, chromedp.FromContext(ctx).Target))
			if err == nil && !strings.HasPrefix(string(pdf), "%PDF") {
				err = fmt.Errorf("it is printed as %.20q", pdf)
			}
			return err
		}))
	if err != nil {
		t.Fatal(err)
	}
	if hidden > 0 {
		t.Errorf("%d tables are folded on paper", hidden)
	}
}
