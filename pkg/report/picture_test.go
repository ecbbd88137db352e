package report_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/models"
	"github.com/nightstar-elt/nightstar/pkg/report"
)

// update rewrites the picture of the star: go test ./pkg/report -run Picture -update.
var update = flag.Bool("update", false, "rewrite the picture of the star")

// pictureStyle gives the picture of the README the colours of the page.
const pictureStyle = `<style>
text{font:12px system-ui,sans-serif;fill:#1b1f24}.head{font-weight:600;font-size:13px}.note{fill:#57606a;font-size:11.5px}
.table{fill:#f6f8fa;stroke:#d0d7de;stroke-width:1.5}.table.fact{stroke:#2f6fde;stroke-width:3}.relation{fill:none;stroke:#2f6fde;stroke-width:1.3}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.note{fill:#a3adb8}.table{fill:#161b22;stroke:#3a424c}.table.fact{stroke:#5a9cf0}.relation{stroke:#5a9cf0}}
</style>`

// TestPicture_isTheStar: the picture in the README shows the store as the model has
// it.
func TestPicture_isTheStar(t *testing.T) {
	t.Parallel()

	m, err := models.Read(models.Default)
	if err != nil {
		t.Fatal(err)
	}
	svg := string(report.Diagram(m).SVG(720))
	svg = strings.Replace(svg, "<svg ", `<svg xmlns="http://www.w3.org/2000/svg" `, 1)
	svg = strings.Replace(svg, ">", ">"+pictureStyle, 1) + "\n"
	const file = "picture/star.svg"
	if *update {
		if err := os.WriteFile(file, []byte(svg), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if kept, err := os.ReadFile(file); err != nil || string(kept) != svg {
		t.Errorf("%s is not the star of the store (%v): go test ./pkg/report -run Picture -update", file, err)
	}
}
