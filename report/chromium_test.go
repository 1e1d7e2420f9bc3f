package report

import (
	"bytes"
	"context"
	"fmt"
	"html"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// browse runs Chromium without a window and returns what it prints.
func browse(t *testing.T, arguments ...string) string {
	t.Helper()
	var program string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			program = path
			break
		}
	}
	if program == "" {
		t.Skip("Chromium is not installed")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, append([]string{
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--hide-scrollbars", "--user-data-dir=" + t.TempDir(),
	}, arguments...)...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	cmd.WaitDelay = time.Second
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v:\n%s", err, errs.String())
	}
	return string(out)
}

// saved writes a page about two days, with words too long for a phone, into a
// file.
func saved(t *testing.T) string {
	t.Helper()
	long := strings.Repeat("x", 300)
	lines := append(twoDays(), refused(long+"@x.com", "invalid", "email: "+long))
	page := made(t, save(t, long[:100]+".results.csv", lines...), Options{
		Commands: Commands{Resume: "guestlist import " + long + ".csv --resume", Rejects: long, Mended: "guestlist import " + long},
		Live: &Live{Calls: map[string]map[string]int{"create": {"201": 1870, "429": 1}}, Waited: time.Hour, Took: []Took{
			{"create", 120 * time.Millisecond, 300 * time.Millisecond, 1200 * time.Millisecond},
		}},
	})
	return write(t, "page.html", page)
}

// On no width, from a small phone to a desk, has the page to be moved sideways,
// nor is a word cut off.
func TestNothingIsWiderThanTheScreen(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(saved(t))
	if err != nil {
		t.Fatal(err)
	}
	var frames strings.Builder
	widths := []int{320, 360, 700, 1280}
	for _, width := range widths {
		fmt.Fprintf(&frames, `<iframe style="border:0;height:800px;width:%dpx" srcdoc="%s"></iframe>`, width, html.EscapeString(string(page)))
	}
	measure := write(t, "measure.html", frames.String()+`<pre id="widths"></pre><script>
onload = () => {
	document.getElementById("widths").textContent = [...document.querySelectorAll("iframe")].map(frame => {
		const page = frame.contentDocument, shown = [...page.querySelectorAll("svg.chart")].filter(c => c.getBoundingClientRect().width > 0);
		const right = Math.max(...[...page.querySelectorAll("main *")].map(e => e.getBoundingClientRect().right));
		const cut = shown.flatMap(c => [...c.querySelectorAll("text")].filter(text => {
			const inner = text.getBoundingClientRect(), outer = c.getBoundingClientRect();
			return inner.left < outer.left || inner.right > outer.right || inner.top < outer.top || inner.bottom > outer.bottom;
		}));
		return [page.documentElement.scrollWidth, Math.ceil(right), shown.length, page.scripts.length, cut.length, page.body.scrollHeight].join(" ");
	}).join("\n");
	document.querySelectorAll("iframe").forEach(frame => frame.remove());
};
</script>`)
	out := browse(t, "--window-size=1400,900", "--dump-dom", "file://"+measure)
	_, rest, _ := strings.Cut(out, `<pre id="widths">`)
	told, _, _ := strings.Cut(rest, "</pre>")
	measured := strings.Split(told, "\n")
	if len(measured) != len(widths) {
		t.Fatalf("the browser measured %q", told)
	}
	for i, width := range widths {
		var whole, right, charts, scripts, cut, height int
		if _, err := fmt.Sscan(measured[i], &whole, &right, &charts, &scripts, &cut, &height); err != nil {
			t.Fatalf("%q: %v", measured[i], err)
		}
		if whole > width || right > width {
			t.Errorf("at %d pixels the page is %d wide and reaches to %d", width, whole, right)
		}
		if charts != 1 || scripts != 0 || cut != 0 || height < 2000 {
			t.Errorf("at %d pixels: %d charts with %d labels cut off, %d scripts, %d pixels high", width, charts, cut, scripts, height)
		}
	}
}

// The page follows the person's choice of light or dark, and is not empty.
func TestLightAndDark(t *testing.T) {
	t.Parallel()
	page := saved(t)
	for _, tc := range []struct {
		name, setting string
		background    color.RGBA
	}{
		{"light", "1", color.RGBA{0xff, 0xff, 0xff, 0xff}},
		{"dark", "0", color.RGBA{0x12, 0x15, 0x1b, 0xff}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "page.png")
			browse(t, "--window-size=1000,1600", "--blink-settings=preferredColorScheme="+tc.setting, "--screenshot="+path, "file://"+page)
			f, err := os.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			picture, err := png.Decode(f)
			if err != nil {
				t.Fatal(err)
			}
			if got := color.RGBAModel.Convert(picture.At(2, 2)); got != tc.background {
				t.Errorf("the page is %v, want %v", got, tc.background)
			}
			if drawn := different(picture); drawn < 0.02 {
				t.Errorf("only %.2f%% of the page is drawn on", 100*drawn)
			}
		})
	}
}

// different is the share of a picture that is not like its corner.
func different(picture image.Image) float64 {
	bounds, corner, n := picture.Bounds(), picture.At(2, 2), 0
	for y := range bounds.Dy() {
		for x := range bounds.Dx() {
			if picture.At(x, y) != corner {
				n++
			}
		}
	}
	return float64(n) / float64(bounds.Dx()*bounds.Dy())
}

var pdfPage = regexp.MustCompile(`/Type\s*/Page\b`)

// On paper the causes that are closed on the screen are printed too: without them
// it is half as many pages.
func TestPrint(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(saved(t))
	if err != nil {
		t.Fatal(err)
	}
	closed := write(t, "closed.html", strings.ReplaceAll(string(page), "<details open>", "<details>"))
	path := filepath.Join(t.TempDir(), "page.pdf")
	browse(t, "--blink-settings=preferredColorScheme=0", "--no-pdf-header-footer", "--print-to-pdf="+path, "file://"+closed)
	pdf, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if pages := len(pdfPage.FindAll(pdf, -1)); pages < 10 {
		t.Errorf("%d pages are printed", pages)
	}
}

// Every text can be read by people who see contrasts badly: WCAG 2.2, 1.4.3 (AA).
func TestContrast(t *testing.T) {
	style, err := os.ReadFile("style.css")
	if err != nil {
		t.Fatal(err)
	}
	light, dark, found := strings.Cut(string(style), "prefers-color-scheme: dark")
	if !found {
		t.Fatal("there is no dark style")
	}
	dark, _, _ = strings.Cut(dark, "* {")
	for name, scheme := range map[string]string{"light": light, "dark": dark} {
		for _, pair := range []struct {
			on, in string
			least  float64
		}{
			{"page", "text", 4.5},
			{"page", "soft", 4.5},
			{"page", "accent", 4.5},
			{"raised", "text", 4.5},
			{"raised", "soft", 4.5},
			{"wash", "text", 4.5},
			{"page", "alert", 3},
			{"raised", "alert", 3},
			{"raised", "accent", 3},
			{"pause", "accent", 3},
		} {
			a, b := luminance(t, scheme, pair.on), luminance(t, scheme, pair.in)
			if ratio := (max(a, b) + 0.05) / (min(a, b) + 0.05); ratio < pair.least {
				t.Errorf("%s: %s on %s has a contrast of %.1f", name, pair.in, pair.on, ratio)
			}
		}
	}
}

// luminance is the relative luminance of a colour of the style.
func luminance(t *testing.T, scheme, name string) float64 {
	t.Helper()
	_, rest, found := strings.Cut(scheme, "--"+name+": #")
	if !found {
		t.Fatalf("no colour %s", name)
	}
	hex, err := strconv.ParseUint(rest[:6], 16, 32)
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		c := float64(hex>>(16-8*i)&0xff) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}
