package widgets

import (
	"image"
	"image/color"
	"image/draw"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

const (
	meterStep    = 250 * time.Millisecond
	stepsASecond = int64(time.Second / meterStep)
	meterSeconds = 60
	meterSteps   = meterSeconds * stepsASecond
)

// meter turns two growing byte counters into rates over the last minute. It keeps one bucket for each quarter of a
// second, so it costs the same however often it is fed.
type meter struct {
	in, out [meterSteps]int64
	lastIn  int64
	lastOut int64
	step    int64 // number of the present bucket, counted from the epoch
	fed     bool
}

// feed takes the counters as they stand at now. Counters that went back belong to something new: the meter starts over.
func (m *meter) feed(now time.Time, in, out int64) {
	if !m.fed || in < m.lastIn || out < m.lastOut {
		*m = meter{lastIn: in, lastOut: out, step: now.UnixNano() / int64(meterStep), fed: true}
		return
	}
	m.advance(now)
	i := m.step % meterSteps
	m.in[i] += in - m.lastIn
	m.out[i] += out - m.lastOut
	m.lastIn, m.lastOut = in, out
}

// advance empties the buckets of the time that has passed.
func (m *meter) advance(now time.Time) {
	if !m.fed {
		return
	}
	step := now.UnixNano() / int64(meterStep)
	if step-m.step >= meterSteps {
		m.in, m.out = [meterSteps]int64{}, [meterSteps]int64{}
		m.step = step
	}
	for m.step < step {
		m.step++
		m.in[m.step%meterSteps], m.out[m.step%meterSteps] = 0, 0
	}
}

// rates returns bytes per second over the last full second.
func (m *meter) rates() (in, out int64) {
	if !m.fed {
		return 0, 0
	}
	for s := m.step - stepsASecond; s < m.step; s++ {
		in += m.in[(s+meterSteps)%meterSteps]
		out += m.out[(s+meterSteps)%meterSteps]
	}
	return in, out
}

// history returns bytes for each of the last 60 seconds, the oldest first. The present second is cut at the same
// places as all others, so a bar does not change once its second is over.
func (m *meter) history() (in, out [meterSeconds]int64) {
	if !m.fed {
		return in, out
	}
	now := m.step / stepsASecond
	for s := max(now-meterSeconds+1, 0) * stepsASecond; s <= m.step; s++ {
		if s <= m.step-meterSteps {
			continue
		}
		col := s/stepsASecond - now + meterSeconds - 1
		in[col] += m.in[s%meterSteps]
		out[col] += m.out[s%meterSteps]
	}
	return in, out
}

// sparkline draws a minute of traffic: in above the middle, out below it, so that the direction does not hang on
// the colour.
type sparkline struct {
	widget.BaseWidget
	in, out [meterSeconds]int64
	raster  *canvas.Raster
	buffer  *image.NRGBA
}

func newSparkline() *sparkline {
	s := &sparkline{}
	s.raster = canvas.NewRaster(s.draw)
	s.raster.ScaleMode = canvas.ImageScalePixels
	s.ExtendBaseWidget(s)
	return s
}

// set takes new bars and repaints when they differ.
func (s *sparkline) set(in, out [meterSeconds]int64) {
	if s.in == in && s.out == out {
		return
	}
	s.in, s.out = in, out
	s.raster.Refresh()
}

func (s *sparkline) draw(w, h int) image.Image {
	if s.buffer == nil || s.buffer.Rect.Dx() != w || s.buffer.Rect.Dy() != h {
		s.buffer = image.NewNRGBA(image.Rect(0, 0, w, h))
	}
	img := s.buffer
	draw.Draw(img, img.Rect, image.Transparent, image.Point{}, draw.Src)
	var most int64
	for i := range s.in {
		most = max(most, s.in[i], s.out[i])
	}
	middle := h / 2
	fill := func(x0, y0, x1, y1 int, c color.Color) {
		draw.Draw(img, image.Rect(x0, y0, x1, y1), image.NewUniform(c), image.Point{}, draw.Src)
	}
	fill(0, middle, w, middle+1, theme.ColorForWidget(theme.ColorNameDisabled, s))
	if most == 0 {
		return img
	}
	in, out := hueIn.on(s), hueOut.on(s)
	for i := range s.in {
		x0, x1 := i*w/meterSeconds, (i+1)*w/meterSeconds
		if x1-x0 > 2 {
			x1--
		}
		if n := barHeight(s.in[i], most, middle); n > 0 {
			fill(x0, middle-n, x1, middle, in)
		}
		if n := barHeight(s.out[i], most, h-middle-1); n > 0 {
			fill(x0, middle+1, x1, middle+1+n, out)
		}
	}
	return img
}

// barHeight scales n; anything above nothing is at least one pixel.
func barHeight(n, most int64, pixels int) int {
	if n <= 0 {
		return 0
	}
	return max(int(float64(n)/float64(most)*float64(pixels)+0.5), 1)
}

func (s *sparkline) MinSize() fyne.Size { return fyne.NewSize(120, 20) }

func (s *sparkline) CreateRenderer() fyne.WidgetRenderer {
	return &faceRenderer{
		objects: []fyne.CanvasObject{s.raster},
		layout:  func(size fyne.Size) { s.raster.Resize(size) },
		minSize: s.MinSize,
		refresh: s.raster.Refresh,
	}
}
